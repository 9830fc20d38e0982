"""
Whose money it was that somebody gave back at a gateway: one refund, shared out over the orders.

Several orders of one buyer are paid together, and the gateway knows of one payment; whoever refunds
at its pages says how much, and not for what. Pure. Invariant: the shares make all of the refund, or
there are none; and nobody's share is more than there is for them.
"""

from collections.abc import Sequence

from msgspec import Struct

from commerce.ids import OrderId, RefundId


class Left(Struct, frozen=True):
    """What an order has left of the payment's money."""

    order: OrderId
    amount_minor: int


class Refused(Struct, frozen=True):
    """A refund that is owed, and that the gateway refused when it was asked for it."""

    refund: RefundId
    amount_minor: int


class Shares(Struct, frozen=True):
    """The ``refused`` refunds that it was, whole, and what it took of orders beside them."""

    refused: list[RefundId]
    orders: list[Left]


def share_out(amount_minor: int, left: Sequence[Left], refused: Sequence[Refused]) -> Shares | None:
    """
    Share a refund of ``amount_minor`` out; both lists are oldest first. None: there is not so much.

    What orders have left comes first. If one has exactly so much, it is that one's: to refund an
    order whole is what people do most. Otherwise the oldest give all they have, and the last of
    them the rest. What goes beyond it are refunds that the gateway refused us, because it had
    given that money back already: one of exactly the amount, or the oldest.
    """
    adopted: list[Refused] = []
    spare = sum(each.amount_minor for each in left)
    if amount_minor > spare:
        adopted = _whole(amount_minor, refused)
    rest = amount_minor - sum(each.amount_minor for each in adopted)
    if rest > spare:
        return None
    return Shares([each.refund for each in adopted], _of_orders(rest, left))


def _whole(amount_minor: int, refused: Sequence[Refused]) -> list[Refused]:
    exact = next((each for each in refused if each.amount_minor == amount_minor), None)
    if exact is not None:
        return [exact]
    taken, room = [], amount_minor
    for each in refused:
        if each.amount_minor <= room:
            taken.append(each)
            room -= each.amount_minor
    return taken


def _of_orders(amount_minor: int, left: Sequence[Left]) -> list[Left]:
    if not amount_minor:
        return []
    exact = next((each for each in left if each.amount_minor == amount_minor), None)
    if exact is not None:
        return [exact]
    shares, rest = [], amount_minor
    for each in left:
        share = min(each.amount_minor, rest)
        if share:
            shares.append(Left(each.order, share))
            rest -= share
    return shares
