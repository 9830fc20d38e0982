"""
What the shop needs of whoever moves the money: one Protocol, its values and its refusals.

The shop names a payment before the gateway hears of it, and every call carries that name: so a call
that is repeated is one call, and a webhook finds its payment even when it overtakes the answer to
the charge.
"""

from collections.abc import Mapping
from typing import Literal, Protocol

from msgspec import Struct

from commerce.errors import ShopError
from commerce.ids import PaymentId


class Charge(Struct, frozen=True):
    """Money to collect; ``return_url`` is where the buyer goes afterwards."""

    payment: PaymentId
    amount_minor: int
    currency: str
    description: str
    return_url: str


class ChargeStarted(Struct, frozen=True):
    """The gateway waits for the buyer at ``redirect_url``; ``reference`` is its own name for it."""

    reference: str
    redirect_url: str


class GatewayEvent(Struct, frozen=True):
    """Something a gateway told us by a signed webhook; the same ``event_id`` may come again."""

    event_id: str
    payment: PaymentId
    reference: str
    outcome: Literal["captured", "declined", "refunded"]


class Gateway(Protocol):
    """
    Whoever moves the money.

    ``tests/contracts/test_gateway.py`` holds every implementation to these promises.
    """

    @property
    def name(self) -> str:
        """Part of the webhook's path, and kept with each payment."""
        ...

    async def charge(self, charge: Charge) -> ChargeStarted:
        """
        Begin to collect money. Idempotent by payment: called again, the answer is the same.

        Raises:
            GatewayUnavailable: whether the charge exists is not known; call again.

        """
        ...

    async def refund(
        self, *, payment: PaymentId, reference: str, amount_minor: int, currency: str
    ) -> None:
        """
        Give captured money back; return once the gateway has taken that on. Idempotent by payment.

        Raises:
            GatewayUnavailable: whether it has is not known; call again.
            UnknownPayment: the gateway has captured no such payment.

        """
        ...

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, now: int) -> GatewayEvent:
        """
        Read what the gateway sent, once it is certain that it did; ``now`` in Unix ms.

        The names of ``headers`` are lower case.

        Raises:
            BadSignature: it did not come from the gateway, or was changed on the way.
            StaleSignature: it did, but not lately; it may have been recorded and sent again.
            BadEvent: it did, and makes no sense.

        """
        ...


class GatewayUnavailable(ShopError):
    """The gateway does not answer; the same may be tried again."""

    code = "gateway_unavailable"

    def __init__(self, gateway: str) -> None:
        self.gateway = gateway

    def __str__(self) -> str:
        return f"the payment gateway {self.gateway} does not answer; try again"


class UnknownPayment(ShopError):
    """A gateway and the shop do not know the same payments."""

    code = "unknown_payment"

    def __init__(self, id: str) -> None:
        self.id = id

    def __str__(self) -> str:
        return f"there is no payment {self.id!r}"


class UnknownGateway(ShopError):
    """The shop takes no money through it."""

    code = "unknown_gateway"

    def __init__(self, gateway: str) -> None:
        self.gateway = gateway

    def __str__(self) -> str:
        return f"there is no payment gateway {self.gateway!r}"


class BadSignature(ShopError):
    """A webhook is not signed, or not by the gateway."""

    code = "bad_signature"

    def __str__(self) -> str:
        return "the webhook does not carry the gateway's signature"


class StaleSignature(ShopError):
    """A webhook was signed too long ago, or in the future."""

    code = "stale_signature"

    def __init__(self, age_s: int) -> None:
        self.age_s = age_s

    def __str__(self) -> str:
        return f"the webhook was signed {self.age_s} s ago by this server's clock"


class BadEvent(ShopError):
    """A webhook carries the right signature and cannot be understood."""

    code = "bad_event"

    def __init__(self, detail: str) -> None:
        self.detail = detail

    def __str__(self) -> str:
        return f"the webhook cannot be understood: {self.detail}"
