"""
What reconciliation finds: two books that should agree, and do not.
"""

from msgspec import Struct


class Drift(Struct, frozen=True):
    """Something that does not fit; ``detail`` is a sentence, and says what was done about it."""

    code: str
    detail: str
    mended: bool = False
