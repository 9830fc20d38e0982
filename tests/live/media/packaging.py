"""What the packager makes of packets, and how the tests look into it."""

import io
from struct import unpack_from

import av
from msgspec import Struct

from live.media.hls.fmp4 import VIDEO_RATE
from live.media.hls.packager import Packager
from live.media.hls.segmenter import Opened, Part
from live.media.hls.units import Unit
from live.media.tap import Track
from tests.live.media.footage import H264_TRACK, OPUS_TRACK, Sent

WALL_MS = 1_800_000_000_000


def packager(*tracks: Track) -> Packager:
    def never(unit: Unit, at: int, wall_ms: float) -> None:
        raise AssertionError("H264 is not transcoded")

    return Packager(tracks or (H264_TRACK, OPUS_TRACK), never)


def packaged(sent: list[Sent], *tracks: Track) -> list[Opened | Part]:
    """Return everything that is made of ``sent``, to the end."""
    into = packager(*tracks)
    cuts = [
        cut for each in sent for cut in into.packet(each.kind, each.packet, WALL_MS + each.at_ms)
    ]
    return cuts + into.end()


def parts(cuts: list[Opened | Part]) -> list[Part]:
    return [cut for cut in cuts if isinstance(cut, Part)]


def runs(cuts: list[Opened | Part]) -> list[bytes]:
    """Return what each `Opened` begins, as a file."""
    files: list[bytes] = []
    for cut in cuts:
        if isinstance(cut, Opened):
            files.append(cut.init)
        else:
            files[-1] += cut.data
    return files


class Seen(Struct, frozen=True):
    """A decoded file: when its pictures and its sounds are, in seconds."""

    pictures: list[float]
    sounds: list[tuple[float, float]]
    """With the loudest sample of each, from 0 to 1."""
    size: tuple[int, int]


def seen(file: bytes) -> Seen:
    """Decode all of ``file``; an error of the decoder is an error here."""
    pictures: list[float] = []
    sounds: list[tuple[float, float]] = []
    with av.open(io.BytesIO(file), "r", options={"err_detect": "explode"}) as container:
        video = container.streams.video[0]
        for frame in container.decode():
            assert frame.time is not None
            if isinstance(frame, av.VideoFrame):
                assert not frame.is_corrupt
                pictures.append(frame.time)
            elif isinstance(frame, av.AudioFrame):
                samples = memoryview(frame.planes[0]).cast("f")
                sounds.append((frame.time, max(abs(v) for v in samples[: frame.samples])))
        return Seen(pictures, sounds, (video.width, video.height))


def boxes(data: bytes) -> list[tuple[str, bytes]]:
    """Return the boxes of a level."""
    found, at = [], 0
    while at < len(data):
        size, kind = unpack_from("!L4s", data, at)
        found.append((kind.decode(), data[at + 8 : at + size]))
        at += size
    return found


def seconds(part: Part) -> float:
    return part.duration / VIDEO_RATE
