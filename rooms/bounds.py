"""What a worker takes at most, as the program around it sets it. Pure."""

from msgspec import Struct


class Bounds(Struct, frozen=True, kw_only=True):
    """Each bound keeps the others honest: below them the figures of the benchmarks hold."""

    lines_a_second: float = 12.0
    """Chat lines a room shows; people read some five to ten a second, and skim a few more."""

    joins_a_second: float = 4_000.0
    """Greetings a worker gives; one costs a quarter of a millisecond."""

    connections: int = 15_000
    """Sockets a worker holds: below the usual 20,000 open files, and 12 KB of memory each."""

    connections_of_address: int = 1_000
    """A hall or a mobile carrier shares an address; one machine in a hurry needs fewer."""

    rooms: int = 1_000
    """Rooms open at once on a worker; each keeps the tail of its log, some 400 KB at most."""
