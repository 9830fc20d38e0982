"""Real pictures and sound, as a publisher sends them: encoded once a run, packetised by aiortc."""

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from operator import add
from random import Random
from struct import pack

import av
from aiortc.codecs.h264 import H264Encoder
from aiortc.codecs.vpx import Vp8Encoder
from aiortc.rtp import RtpPacket

from live.media.tap import Kind, Track

FPS = 30
H264_TRACK = Track("video", "H264", 90_000, 102, "packetization-mode=1")
VP8_TRACK = Track("video", "VP8", 90_000, 97, "")
OPUS_TRACK = Track("audio", "opus", 48_000, 111, "")
OPUS_SAMPLES = 960
_FAINT = bytes(value % 32 for value in range(256))
NTP_2026 = 3_976_214_400


def frames(
    count: int, width: int = 320, height: int = 240, fps: int = FPS
) -> Iterator[av.VideoFrame]:
    """Yield pictures that differ: a gradient that moves, under noise that costs an encoder bits."""
    chance = Random(1)
    for number in range(count):
        frame = av.VideoFrame(width, height, "yuv420p")
        for plane in frame.planes:
            row = bytes((x + 3 * number) % 224 for x in range(plane.line_size))
            noise = chance.randbytes(len(row) * plane.height).translate(_FAINT)
            plane.update(bytes(map(add, row * plane.height, noise)))
        frame.pts, frame.time_base = number, Fraction(1, fps)
        yield frame


@cache
def pictures(
    count: int,
    *,
    width: int = 320,
    height: int = 240,
    every: int = 60,
    fps: int = FPS,
    kbit_s: int = 800,
) -> tuple[tuple[bool, tuple[bytes, ...]], ...]:
    """Return access units, each as RTP payloads, with a keyframe ``every`` so many."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1, fps), Fraction(fps, 1)
    encoder.bit_rate = kbit_s * 1000
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "x264-params": f"keyint={every}:scenecut=0:repeat-headers=1",
    }
    packets = [p for frame in frames(count, width, height, fps) for p in encoder.encode(frame)]
    packer = H264Encoder()
    return tuple((p.is_keyframe, tuple(packer.pack(p)[0])) for p in packets)


@cache
def vp8(count: int) -> tuple[tuple[bytes, ...], ...]:
    """Return VP8 frames, each as RTP payloads."""
    encoder = Vp8Encoder()
    return tuple(
        tuple(encoder.encode(frame, force_keyframe=number % FPS == 0)[0])
        for number, frame in enumerate(frames(count))
    )


def _wave(loud: int) -> bytes:
    """Return 20 ms of 1 kHz, both channels: whole periods, so one follows the other smoothly."""
    wave = [round(loud * math.sin(2 * math.pi * at / 48)) for at in range(OPUS_SAMPLES)]
    return pack(f"<{2 * len(wave)}h", *(value for value in wave for _ in range(2)))


@cache
def tone(count: int, *, clicks: tuple[int, ...] = ()) -> tuple[bytes, ...]:
    """Return Opus packets of 20 ms of a quiet tone, loud in the packets of ``clicks``."""
    encoder = av.CodecContext.create("libopus", "w")
    assert isinstance(encoder, av.AudioCodecContext)
    encoder.sample_rate, encoder.layout = 48_000, "stereo"
    encoder.format, encoder.time_base = av.AudioFormat("s16"), Fraction(1, 48_000)
    waves = (_wave(200), _wave(20_000))
    packets = []
    for number in range(count + 1):
        frame = av.AudioFrame(format="s16", layout="stereo", samples=OPUS_SAMPLES)
        frame.sample_rate, frame.pts = 48_000, number * OPUS_SAMPLES
        frame.planes[0].update(waves[number in clicks])
        packets += encoder.encode(frame)
    return tuple(bytes(packet) for packet in packets[:count])


class Sent:
    """A packet on the wire, and when it comes."""

    def __init__(self, kind: Kind, packet: RtpPacket, at_ms: int) -> None:
        self.kind = kind
        self.packet = packet
        self.at_ms = at_ms


def video(
    units: tuple[tuple[bytes, ...], ...],
    *,
    sequence: int = 65_000,
    timestamp: int = 2**32 - 90_000,
    fps: int = FPS,
    begins_ms: int = 0,
    payload_type: int = 102,
) -> list[Sent]:
    """Return the packets of access units; numbers and timestamps wrap on the way."""
    sent = []
    for number, payloads in enumerate(units):
        for index, payload in enumerate(payloads):
            packet = RtpPacket(
                payload_type=payload_type,
                marker=int(index == len(payloads) - 1),
                sequence_number=sequence % 2**16,
                timestamp=(timestamp + number * 90_000 // fps) % 2**32,
                ssrc=1,
                payload=payload,
            )
            sequence += 1
            sent.append(Sent("video", packet, begins_ms + number * 1000 // fps))
    return sent


def h264(count: int, **how: int) -> list[Sent]:
    """Return the packets of ``count`` pictures with a keyframe every two seconds."""
    return video(tuple(payloads for _key, payloads in pictures(count)), **how)


def sound(
    packets: tuple[bytes, ...], *, sequence: int = 7, timestamp: int = 123, begins_ms: int = 0
) -> list[Sent]:
    """Return the packets of a sound."""
    return [
        Sent(
            "audio",
            RtpPacket(
                payload_type=111,
                marker=0,
                sequence_number=(sequence + number) % 2**16,
                timestamp=(timestamp + number * OPUS_SAMPLES) % 2**32,
                ssrc=2,
                payload=payload,
            ),
            begins_ms + number * 20,
        )
        for number, payload in enumerate(packets)
    ]


def together(*tracks: list[Sent]) -> list[Sent]:
    """Return packets in the order of their arrival."""
    return sorted((sent for track in tracks for sent in track), key=lambda sent: sent.at_ms)
