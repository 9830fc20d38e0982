"""
The pictures that were uploaded: a folder, in which a name is the digest of what it names.

Invariant: a name never means other bytes, so that browsers may keep them for ever; a file is there
whole or not at all. Every web process writes and reads the same folder.
"""

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final

from live.darkroom import Developed

_NAME: Final = re.compile(r"[0-9a-f]{32}(-small)?\.webp")


def keep(folder: Path, picture: Developed) -> str:
    """
    Keep a picture in both sizes, and return the name of the full one; idempotent.

    Raises:
        OSError: the folder cannot be written to.

    """
    digest = hashlib.sha256(picture.full).hexdigest()[:32]
    folder.mkdir(parents=True, exist_ok=True)
    # The name that is answered comes last: where it is, the other is.
    _write(folder / f"{digest}-small.webp", picture.small)
    _write(folder / f"{digest}.webp", picture.full)
    return f"{digest}.webp"


def path_of(folder: Path, name: str) -> Path | None:
    """Return where a picture is; None for what is none, or not there."""
    if not _NAME.fullmatch(name):
        return None
    path = folder / name
    return path if path.is_file() else None


def _write(path: Path, data: bytes) -> None:
    if path.exists():
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            # The name outlives a power cut, so its bytes have to, too.
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), 0o644)
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise
