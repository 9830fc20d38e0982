"""
Who hears the shop's news: the shop says what happened, and someone else knows where people are.

News of an order is told at least once: whoever tells it forgets its source only after `delivered`,
so a process that dies in between leaves it to the next one. A buyer who was away finds the same in
the ledger.
"""

from typing import Protocol

from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import (
    Admitted,
    Entered,
    OrderView,
    Queue,
    Released,
    Reserved,
    Unwaited,
)


class Announce(Protocol):
    """Passes news on. Only `delivered` waits, and nothing raises."""

    def reserved(self, reserved: Reserved, show: ShowId, buyer: AccountId) -> None:
        """Tell a buyer who waited that it is their turn."""
        ...

    def unwaited(self, unwaited: Unwaited, show: ShowId, buyer: AccountId) -> None:
        """Tell a buyer that they do not wait any more."""
        ...

    def entered(self, entered: Entered, show: ShowId, buyer: AccountId) -> None:
        """Tell a buyer where they stand in a queue."""
        ...

    def admitted(self, admitted: Admitted, show: ShowId, buyer: AccountId) -> None:
        """Tell a buyer that it is their turn to buy."""
        ...

    def queue(self, queue: Queue, show: ShowId) -> None:
        """Tell everyone in the show how a queue moves."""
        ...

    def placed(self, order: OrderView) -> None:
        """Tell the buyer that the order is committed."""
        ...

    def paid(self, order: OrderView) -> None:
        """Tell the buyer that the money arrived."""
        ...

    def refunded(self, order: OrderView) -> None:
        """Tell the buyer that money goes back, and that the units stay."""
        ...

    def released(self, released: Released, show: ShowId, buyer: AccountId) -> None:
        """Tell the buyer that units went back."""
        ...

    def stock(self, show: ShowId, offer: OfferId, left: int, version: int) -> None:
        """Tell everyone in the show how many units nobody holds."""
        ...

    def mark(self) -> int:
        """Return a place in the news, for `delivered`."""
        ...

    async def delivered(self, since: int) -> bool:
        """
        Wait until all news told from a mark on has left for the buyers; False if some was dropped.

        News of ``stock`` and ``queue`` is not waited for: it is told again whenever it differs.
        """
        ...
