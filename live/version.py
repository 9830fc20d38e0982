"""The version of this program: one place, which the package's metadata has to agree with."""

from typing import Final

VERSION: Final = "0.1.0"
