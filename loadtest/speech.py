"""
The voice of a host made of nothing: syllables without words.

Pure. A loop of some seconds is made once; playing it costs nothing.
"""

from array import array
from math import pi, sin
from random import Random
from typing import Final

RATE: Final = 48_000
CHUNK: Final = RATE // 50
"""Samples of 20 ms, one Opus frame."""

LOOP_S: Final = 6.0
LOUDEST: Final = 5_000
"""Of 32,767: a voice in the next room."""

_SYLLABLE_S: Final = (0.12, 0.28)
_PAUSE_S: Final = (0.02, 0.06)
_BREATH_S: Final = (0.4, 0.8)
_PITCH_HZ: Final = (120.0, 190.0)


class Speech:
    """A loop of chunks; `chunk` gives the samples, `loudness` how far the mouth is open."""

    def __init__(self, chance: Random) -> None:
        samples = array("h")
        while len(samples) < RATE * LOOP_S:
            for _ in range(chance.randrange(3, 8)):
                samples.extend(_syllable(chance))
                samples.extend(_silence(chance.uniform(*_PAUSE_S)))
            samples.extend(_silence(chance.uniform(*_BREATH_S)))
        self._chunks = [
            samples[begin : begin + CHUNK] for begin in range(0, len(samples) - CHUNK + 1, CHUNK)
        ]
        self._loudness = [max(map(abs, chunk)) / LOUDEST for chunk in self._chunks]

    def chunk(self, number: int) -> bytes:
        """Return 20 ms of sound: 16-bit samples, one channel."""
        return self._chunks[number % len(self._chunks)].tobytes()

    def loudness(self, number: int) -> float:
        """Return how loud a chunk is, from 0 to 1."""
        return self._loudness[number % len(self._chunks)]


def _silence(seconds: float) -> "array[int]":
    return array("h", bytes(2 * int(RATE * seconds)))


def _syllable(chance: Random) -> "array[int]":
    """Return a hum that swells and fades, with two of its overtones."""
    length = int(RATE * chance.uniform(*_SYLLABLE_S))
    turn = 2 * pi * chance.uniform(*_PITCH_HZ) / RATE
    second, third = chance.uniform(0.3, 0.7), chance.uniform(0.1, 0.5)
    total = 1 + second + third
    return array(
        "h",
        (
            int(
                LOUDEST
                * sin(pi * place / length)
                * (
                    sin(turn * place)
                    + second * sin(4 * turn * place)
                    + third * sin(7 * turn * place)
                )
                / total
            )
            for place in range(length)
        ),
    )
