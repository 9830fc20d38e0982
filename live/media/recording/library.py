"""
What there is to play of a show: its recordings, in the order they were made.

The folder is the list. A recording's name says when it begins and how long it is, so no index can
disagree with the files; a publisher that came back made another file of the same replay.
"""

import re
import time
from pathlib import Path
from typing import Final

from msgspec import Struct

_NAME: Final = re.compile(r"(\d{13})-(\d{1,9})\.mp4")
_SHOW: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


class Recording(Struct, frozen=True):
    """A file that plays; ``started_at`` is the server's time of its first picture, Unix ms."""

    file: str
    started_at: int
    duration_ms: int


def recordings(folder: Path, show: str) -> list[Recording]:
    """Return what there is of a show, oldest first; nothing of one that has no recording."""
    if not _SHOW.fullmatch(show):
        return []
    named = [_NAME.fullmatch(path.name) for path in (folder / show).glob("*.mp4")]
    found = [Recording(each[0], int(each[1]), int(each[2])) for each in named if each]
    return sorted(found, key=lambda recording: recording.started_at)


def path_of(folder: Path, show: str, file: str) -> Path | None:
    """Return the path of a recording; None for anything else."""
    if not _SHOW.fullmatch(show) or not _NAME.fullmatch(file):
        return None
    path = folder / show / file
    return path if path.is_file() else None


def purge(folder: Path, days: int) -> int:
    """Delete recordings that are older than so many days, and return how many that were."""
    oldest_ms = (time.time() - days * 86_400) * 1000
    gone = 0
    for path in folder.glob("*/*.mp4"):
        named = _NAME.fullmatch(path.name)
        if named and int(named[1]) < oldest_ms:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
