"""
Who hears the shop's news: the shop says what happened, and someone else knows where people are.

News may be told twice and may be lost with the process that tells it; what matters is in the
ledger, where a buyer who returns finds it.
"""

from typing import Protocol

from commerce.ids import AccountId, OfferId, ShowId
from commerce.messages import OrderView, Released


class Announce(Protocol):
    """Passes news on. No method waits, and none raises."""

    def placed(self, order: OrderView) -> None:
        """Tell the buyer that the order is committed."""
        ...

    def paid(self, order: OrderView) -> None:
        """Tell the buyer that the money arrived."""
        ...

    def released(self, released: Released, show: ShowId, buyer: AccountId) -> None:
        """Tell the buyer that units went back."""
        ...

    def stock(self, show: ShowId, offer: OfferId, left: int, version: int) -> None:
        """Tell everyone in the show how many units nobody holds."""
        ...
