"""
A file that fragments are appended to: fragmented MP4, playable up to its last whole fragment.

Invariant: whoever holds a reel holds the file's lock, so another process can tell a reel that is
being written from one whose writer was killed.
"""

import fcntl
import os
from pathlib import Path
from struct import unpack
from typing import Final

SUFFIX: Final = ".reel"


class Reel:
    """An open reel; made by `open_reel`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path: Final = path
        self._descriptor = descriptor

    def lock(self) -> None:
        """Show other processes that this one writes."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def append(self, fragment: bytes) -> None:
        """
        Append a fragment. What was appended survives the end of this process.

        It is not forced to the disk: a power cut may take the last half minute (the kernel's).
        """
        rest = memoryview(fragment)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


def open_reel(folder: Path, at_ms: int, head: bytes) -> Reel:
    """Begin a reel with ``head``; ``at_ms``, the Unix time of its first picture, is its name."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{at_ms}{SUFFIX}"
    reel = Reel(path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644))
    try:
        reel.lock()
        reel.append(head)
    except OSError:
        reel.close()
        raise
    return reel


def abandoned(path: Path) -> bool:
    """Whether nobody writes this reel."""
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def cut_back(path: Path) -> None:
    """Take off what follows the last whole fragment: its writer was killed in between."""
    whole = at = 0
    with path.open("r+b") as file:
        size = file.seek(0, os.SEEK_END)
        while at + 8 <= size:
            file.seek(at)
            length, kind = unpack("!L4s", file.read(8))
            if length < 8 or at + length > size:
                break
            at += length
            if kind in (b"moov", b"mdat"):
                whole = at
        file.truncate(whole)
