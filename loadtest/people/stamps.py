"""
Moments that ride in the id of a chat line, so that whoever reads it knows how long it took.

The id is the sender's own (``<user>.<id>`` to everyone else) and nobody sees it. Between people of
one machine its monotonic clock tells; between machines, the server's clock as both know it.
"""

from typing import Final, NamedTuple

_MARK: Final = "t"
_PARTS: Final = 4


class Stamp(NamedTuple):
    """When a line was said: on a machine's own clock, and on the server's, in microseconds."""

    machine: str
    local_us: int
    server_us: int

    def id(self, name: str) -> str:
        """Return an id that carries this stamp; ``name`` makes it unlike all others."""
        return f"{_MARK}{name}-{self.machine}-{self.local_us:x}-{self.server_us:x}"

    def age_ms(self, machine: str, local_us: float, server_us: float) -> float:
        """Return how long ago it was for a reader with these clocks; never negative."""
        same = machine == self.machine
        age_us = local_us - self.local_us if same else server_us - self.server_us
        return max(age_us, 0.0) / 1000


def read(line: str) -> Stamp | None:
    """Return the stamp in the id of a line as it reaches everyone, if there is one."""
    parts = line.rpartition(".")[2].split("-")
    if len(parts) != _PARTS or not parts[0].startswith(_MARK):
        return None
    try:
        return Stamp(parts[1], int(parts[2], 16), int(parts[3], 16))
    except ValueError:
        return None
