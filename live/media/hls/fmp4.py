"""
Fragmented MP4, written by hand: what a player needs first, and then fragment after fragment.

A fragment is whole by itself: it says when its first picture and its first sound begin, so a player
may start at any that begins with a keyframe. Nothing is decoded or encoded here.
"""

from collections.abc import Sequence
from struct import pack
from typing import Final

from msgspec import Struct

from live.media.hls.boxes import IDENTITY, box, full_box
from live.media.hls.sps import size
from live.media.hls.units import Parameters

VIDEO_RATE: Final = 90_000
AUDIO_RATE: Final = 48_000
AAC_SAMPLES: Final = 1024
"""Samples in a frame of AAC-LC (ISO/IEC 14496-3)."""

_VIDEO, _AUDIO = 1, 2
_AAC_LC_48K_STEREO: Final = pack("!H", 2 << 11 | 3 << 7 | 2 << 3)
"""AudioSpecificConfig: object type 2, sampling frequency 3, two channels."""
_KEY, _NO_KEY = 0x02000000, 0x01010000
"""Sample flags: depends on no other; depends on others and is no place to begin."""


class Sample(Struct, frozen=True):
    """A picture or a frame of sound; ``duration`` in the units of its track."""

    data: bytes
    duration: int
    key: bool = True


class Run(Struct, frozen=True):
    """Samples that follow one another without a hole, from ``start`` on."""

    start: int
    samples: Sequence[Sample]


def init(parameters: Parameters, *, sound: bool) -> bytes:
    """
    Return the initialisation segment of one H264 track, and one AAC track if there is ``sound``.

    Raises:
        BadParameters: the parameter sets cannot be understood.

    """
    tracks = [_video_track(parameters)] + ([_audio_track()] if sound else [])
    numbers = (_VIDEO, _AUDIO)[: len(tracks)]
    extends = [full_box(b"trex", 0, 0, pack("!5L", number, 1, 0, 0, 0)) for number in numbers]
    header = pack("!4LLHHLL", 0, 0, 1000, 0, 0x10000, 0x100, 0, 0, 0) + IDENTITY + bytes(24)
    movie_header = full_box(b"mvhd", 0, 0, header + pack("!L", len(tracks) + 1))
    return box(b"ftyp", b"iso6", pack("!L", 0), b"iso6cmfcmp41") + box(
        b"moov", movie_header, *tracks, box(b"mvex", *extends)
    )


def fragment(number: int, video: Run, audio: Run) -> bytes:
    """Return a fragment; ``number`` grows from one to the next, and an empty run is left out."""
    runs = [(track, run) for track, run in ((_VIDEO, video), (_AUDIO, audio)) if run.samples]
    at = 8 + len(_head(number, runs, [0] * len(runs)))
    offsets = []
    for _track, run in runs:
        offsets.append(at)
        at += sum(len(sample.data) for sample in run.samples)
    media = [sample.data for _track, run in runs for sample in run.samples]
    return _head(number, runs, offsets) + box(b"mdat", *media)


def length_prefixed(nals: Sequence[bytes]) -> bytes:
    """Return NAL units as a sample has them (ISO/IEC 14496-15, 5.3.3)."""
    return b"".join(pack("!L", len(nal)) + nal for nal in nals)


def _head(number: int, runs: list[tuple[int, Run]], offsets: list[int]) -> bytes:
    tracks = []
    for (track, run), offset in zip(runs, offsets, strict=True):
        # Flags: the offset, and of each sample its duration, size and flags.
        rows = [
            pack("!3L", sample.duration, len(sample.data), _KEY if sample.key else _NO_KEY)
            for sample in run.samples
        ]
        tracks.append(
            box(
                b"traf",
                full_box(b"tfhd", 0, 0x020000, pack("!L", track)),
                full_box(b"tfdt", 1, 0, pack("!Q", run.start)),
                full_box(b"trun", 0, 0x701, pack("!Ll", len(rows), offset), *rows),
            )
        )
    return box(b"moof", full_box(b"mfhd", 0, 0, pack("!L", number)), *tracks)


def _video_track(parameters: Parameters) -> bytes:
    sps, pps = parameters.sps, parameters.pps
    picture = size(sps)
    config = box(
        b"avcC",
        bytes([1, sps[1], sps[2], sps[3], 0xFF, 0xE1]),  # lengths of four bytes, one SPS
        pack("!H", len(sps)) + sps + b"\x01" + pack("!H", len(pps)) + pps,
    )
    entry = box(
        b"avc1",
        bytes(6) + pack("!H", 1) + bytes(16),
        pack("!HHLLLH", picture.width, picture.height, 0x480000, 0x480000, 0, 1),
        bytes(32) + pack("!Hh", 0x18, -1),
        config,
    )
    media = full_box(b"vmhd", 0, 1, bytes(8))
    shape = pack("!LL", picture.width << 16, picture.height << 16)
    return _track(_VIDEO, VIDEO_RATE, b"vide", media, entry, volume=0, shape=shape)


def _audio_track() -> bytes:
    # Descriptors of ISO/IEC 14496-1, 7.2.6: ES, decoder configuration, AudioSpecificConfig, SL.
    specific = b"\x05" + bytes([len(_AAC_LC_48K_STEREO)]) + _AAC_LC_48K_STEREO
    decoder = b"\x40\x15" + bytes(3) + pack("!LL", 0, 0) + specific
    stream = pack("!HB", _AUDIO, 0) + b"\x04" + bytes([len(decoder)]) + decoder + b"\x06\x01\x02"
    entry = box(
        b"mp4a",
        bytes(6) + pack("!H", 1) + bytes(8),
        pack("!HHLL", 2, 16, 0, AUDIO_RATE << 16),
        full_box(b"esds", 0, 0, b"\x03" + bytes([len(stream)]) + stream),
    )
    media = full_box(b"smhd", 0, 0, bytes(4))
    return _track(_AUDIO, AUDIO_RATE, b"soun", media, entry, volume=0x100, shape=bytes(8))


def _track(
    number: int, rate: int, kind: bytes, media: bytes, entry: bytes, *, volume: int, shape: bytes
) -> bytes:
    empty = [full_box(name, 0, 0, bytes(4)) for name in (b"stts", b"stsc", b"stco")]
    table = box(
        b"stbl",
        full_box(b"stsd", 0, 0, pack("!L", 1), entry),
        *empty,
        full_box(b"stsz", 0, 0, bytes(8)),
    )
    reference = full_box(b"dref", 0, 0, pack("!L", 1), full_box(b"url ", 0, 1))
    track_header = pack("!5L", 0, 0, number, 0, 0) + bytes(8) + pack("!4H", 0, 0, volume, 0)
    return box(
        b"trak",
        full_box(b"tkhd", 0, 3, track_header + IDENTITY + shape),
        box(
            b"mdia",
            full_box(b"mdhd", 0, 0, pack("!4LHH", 0, 0, rate, 0, 0x55C4, 0)),  # language: und
            full_box(b"hdlr", 0, 0, bytes(4) + kind + bytes(12) + b"\x00"),
            box(b"minf", media, box(b"dinf", reference), table),
        ),
    )
