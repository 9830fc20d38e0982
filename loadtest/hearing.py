"""
What a frame of a room tells, found by searching its bytes.

A frame that goes to a thousand viewers is read once and its findings are shared; JSON is never
decoded. The searches are safe: inside a string every quotation mark is escaped, so ``{"offset":``
can only begin a control event. Invariant: a stamp is a publisher's ``time.monotonic_ns()`` on this
machine, at the beginning of a text.
"""

import re
import zlib
from array import array
from typing import Final

STAMP: Final = "~"
"""Begins a text that carries its moment: ``~81234567890 …``."""

_EVENT: Final = re.compile(rb'\{"offset":(\d+)')
_STAMP: Final = re.compile(rb'"text":"' + STAMP.encode() + rb"(\d+)")
_ANSWER: Final = re.compile(rb'\{"type":"(ok|reserved|refused)","to":"([^"]*)"')
_HOLD: Final = re.compile(
    rb'\{"type":"(reserved|placed)",[^{]*?(?:"order":\{[^}]*?)?"hold":"([^"]*)"'
)
_REFUSED: Final = re.compile(
    rb'\x81([\0-\x7d])\[\{"type":"refused","to":"([^"]*)","offer":"[^"]*","reason":"(\w+)"(?:,"\w*":\d+)?\}\]',
    re.DOTALL,
)
_REASON: Final = re.compile(rb'"type":"(?:refused|error)"[^}]*?"(?:reason|code)":"(\w+)"')
_SKIPPED: Final = re.compile(rb'\{"type":"skipped","chat":(\d+)')
_JOINED: Final = re.compile(rb'"epoch":"([^"]*)","offset":(\d+)')

_GREETING: Final = b'[{"type":"joined"'
_LINE: Final = b'{"type":"chat",'
_RECOVERED: Final = b'"recovered":true'

_TAIL: Final = b"\x00\x00\xff\xff"
"""What a compressed message leaves out at its end (RFC 7692 section 7.2.2)."""


class Greeting:
    """Where a viewer stands who was let in."""

    __slots__ = ("epoch", "offset", "recovered")

    def __init__(self, epoch: str, offset: int, recovered: bool) -> None:
        self.epoch = epoch
        self.offset = offset
        self.recovered = recovered


class Heard:
    """
    The findings of one frame.

    ``first`` and ``last`` are the offsets of its control events, 0 where there are none, and
    ``torn`` is whether they are not contiguous. ``times`` collects, for a frame with ``stamps``,
    the moment of each reception.
    """

    __slots__ = (
        "answers",
        "first",
        "greeting",
        "holds",
        "last",
        "lines",
        "offsets",
        "reasons",
        "skipped",
        "stamps",
        "times",
        "torn",
    )

    def __init__(self, payload: bytes) -> None:
        self.greeting = _greeting(payload)
        self.offsets = tuple(map(int, _EVENT.findall(payload)))
        self.first = self.offsets[0] if self.offsets else 0
        self.last = self.offsets[-1] if self.offsets else 0
        self.torn = self.offsets != tuple(range(self.first, self.first + len(self.offsets)))
        self.lines = self.skipped = 0
        self.stamps: tuple[int, ...] = ()
        self.answers: tuple[tuple[str, str], ...] = ()
        self.reasons: tuple[str, ...] = ()
        self.holds: tuple[tuple[str, str], ...] = ()
        self.times = array("q")
        if self.greeting is None:
            # A greeting repeats what was said before: none of it is news.
            self._read(payload)

    @property
    def is_everyones(self) -> bool:
        """Whether the same bytes may have gone to others."""
        return self.greeting is None and not (self.answers or self.reasons or self.holds)

    def _read(self, payload: bytes) -> None:
        self.lines = payload.count(_LINE)
        self.stamps = tuple(map(int, _STAMP.findall(payload)))
        self.answers = tuple((kind.decode(), to.decode()) for kind, to in _ANSWER.findall(payload))
        self.reasons = tuple(map(bytes.decode, _REASON.findall(payload)))
        self.holds = tuple((kind.decode(), hold.decode()) for kind, hold in _HOLD.findall(payload))
        self.skipped = sum(map(int, _SKIPPED.findall(payload)))


def refusal(data: bytes) -> tuple[str, str] | None:
    """
    Return what was refused and why, where ``data`` is a frame that tells nothing else.

    Most frames of a sale are: reading them at sight halves what the crowd costs.
    """
    found = _REFUSED.fullmatch(data)
    if found is None or found[1][0] != len(data) - 2:
        return None
    return found[2].decode(), found[3].decode()


def inflated(payload: bytes) -> bytes:
    """Return a message that was compressed without context (RFC 7692 section 7.1.1.1)."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(payload + _TAIL)


def _greeting(payload: bytes) -> Greeting | None:
    if not payload.startswith(_GREETING):
        return None
    found = _JOINED.search(payload)
    if found is None:
        return None
    return Greeting(found[1].decode(), int(found[2]), _RECOVERED in payload)
