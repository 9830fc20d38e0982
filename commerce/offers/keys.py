"""
Where the gate keeps what in Redis: the only place that knows a key.

Every key carries the same hash tag, so that one script may touch all of them on a Redis Cluster,
too; a gate that is split one day gets more tags here. The life of the keys:

- of an open offer: as long as it is open; of a closed one: `CLOSED_LIFE_S`, and no line;
- the order stream: an entry until its order is in PostgreSQL, so never more than units held;
- parked entries: until a person has looked, the latest 10,000 of them;
- the epoch: for good; its absence means that the gate is being rebuilt.
"""

from typing import Final

CLOSED_LIFE_S: Final = 2 * 86_400
"""The longest hold lasts a day, and a replay a day after that still gets its answer."""


class Keys:
    """The names of the keys of one gate."""

    def __init__(self, tag: str = "shop") -> None:
        self._prefix = f"{{{tag}}}"
        self.epoch: Final = f"{self._prefix}:epoch"
        self.orders: Final = f"{self._prefix}:orders"
        self.parked: Final = f"{self._prefix}:orders:parked"

    def terms(self, offer: str) -> str:
        """Name the hash of what is sold, when, and how much of it is left."""
        return f"{self._prefix}:offer:{offer}:terms"

    def buyers(self, offer: str) -> str:
        """Name the hash of units each buyer holds or bought."""
        return f"{self._prefix}:offer:{offer}:buyers"

    def holds(self, offer: str) -> str:
        """Name the hash of live holds, paid or not."""
        return f"{self._prefix}:offer:{offer}:holds"

    def line(self, offer: str) -> str:
        """Name the sorted set of buyers who wait, by when they came."""
        return f"{self._prefix}:offer:{offer}:line"

    def waits(self, offer: str) -> str:
        """Name the hash of what each buyer in line waits for."""
        return f"{self._prefix}:offer:{offer}:waits"

    def turns(self, offer: str) -> str:
        """Name the hash of the last turn with which each buyer bought, of an offer with a queue."""
        return f"{self._prefix}:offer:{offer}:turns"

    def answers(self, offer: str) -> str:
        """Name the hash of answers already given, by hold."""
        return f"{self._prefix}:offer:{offer}:answers"
