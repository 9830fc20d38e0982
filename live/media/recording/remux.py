"""
Reels made plain MP4 files with their index in front, which browsers play and seek in at once.

Nothing is encoded anew: an hour takes some six seconds of a core (measured: 26 s took 41 ms).
Invariant: a recording appears under its name when it is whole, and only then does its reel go.
"""

from pathlib import Path
from typing import Final

import av
import structlog

from live.media.recording.reel import SUFFIX, abandoned, cut_back

DRAFT: Final = ".draft"

log = structlog.get_logger()


class NotRemuxed(Exception):
    """A reel has nothing in it that can be played."""


def remux(reel: Path) -> Path:
    """
    Make a recording of ``reel``, and return its path; it is named by its start and duration.

    Raises:
        NotRemuxed: there is nothing to play; the reel stays for a person to look at.
        OSError: the disk is full, or gone.

    """
    cut_back(reel)
    draft = reel.with_suffix(DRAFT)
    try:
        duration_ms = _copy(reel, draft)
    except av.FFmpegError as error:
        draft.unlink(missing_ok=True)
        raise NotRemuxed(f"{reel.name}: {error}") from error
    recording = reel.with_name(f"{reel.stem}-{duration_ms}.mp4")
    draft.replace(recording)
    reel.unlink()
    return recording


def mend(folder: Path) -> list[Path]:
    """Make recordings of the reels whose writers were killed, and return them."""
    made = []
    for reel in sorted(folder.glob(f"*/*{SUFFIX}")):
        try:
            if not abandoned(reel):
                continue
            if list(reel.parent.glob(f"{reel.stem}-*.mp4")):
                reel.unlink()  # Killed between the last two steps.
                continue
            made.append(remux(reel))
        except (NotRemuxed, OSError) as error:
            log.warning("recording_not_mended", file=str(reel), error=str(error))
    return made


def _copy(reel: Path, draft: Path) -> int:
    with (
        av.open(str(reel)) as source,
        av.open(str(draft), "w", format="mp4", options={"movflags": "+faststart"}) as target,
    ):
        streams = {
            stream.index: target.add_stream_from_template(stream) for stream in source.streams
        }
        end_s = 0.0
        begin_s: float | None = None
        for packet in source.demux():
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            if isinstance(packet.stream, av.VideoStream):
                begin_s = float(packet.pts * packet.time_base) if begin_s is None else begin_s
                end_s = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            packet.stream = streams[packet.stream.index]
            target.mux(packet)
        if begin_s is None:
            raise NotRemuxed(f"{reel.name}: there is no picture in it")
    return round((end_s - begin_s) * 1000)
