"""
What the shop needs of whoever moves the money: one Protocol, its values and its refusals.

The shop names a payment, and a refund, before the gateway hears of it, and every call carries that
name: so a call that is repeated is one call, and a webhook finds its payment even when it overtakes
the answer to the charge.

What differs between gateways stays behind the Protocol. A gateway that shows no page but a code to
scan (WeChat Pay's Native) returns as ``redirect_url`` a page of ours that draws it, as the sandbox
returns a page of ours that plays another company's. One whose notifications are forms with the
signature inside (Alipay) or encrypted (WeChat Pay) reads them in `Gateway.parse_webhook`, which
gets the bytes as they came; the words that stop it from sending them again are its
`Gateway.acknowledgement`. One that closes nothing by itself is told to by `Gateway.withdraw`.
"""

from collections.abc import AsyncIterator, Mapping
from typing import Literal, Protocol

from msgspec import Struct

from commerce.errors import ShopError
from commerce.ids import PaymentId, RefundId
from commerce.messages import Currency, Milliseconds


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


class Refund(Struct, frozen=True):
    """Money to give back, of a payment that was captured under ``reference``."""

    id: RefundId
    payment: PaymentId
    reference: str
    amount_minor: int
    currency: str


class GatewayEvent(Struct, frozen=True, kw_only=True):
    """
    Something a gateway told us by a signed webhook; the same ``event_id`` may come again.

    ``declined``: this try is over, the buyer needs another. ``refund`` is the one that is done, and
    ``amount_minor`` what was captured or went back.
    """

    event_id: str
    payment: PaymentId
    reference: str
    outcome: Literal["captured", "declined", "refunded"]
    amount_minor: int
    currency: Currency
    refund: RefundId | None = None


class Movement(Struct, frozen=True, kw_only=True):
    """
    Money that a gateway says it captured or gave back.

    ``id`` is the gateway's own name for it, ``refund`` ours for a refund that we asked for, and
    ``reference`` one that `Gateway.refund` takes.
    """

    kind: Literal["captured", "refunded"]
    id: str
    payment: PaymentId
    reference: str
    amount_minor: int
    currency: Currency
    at: Milliseconds
    refund: RefundId | None = None

    @property
    def refund_name(self) -> str:
        """What the books call a refund: as we do, or as the gateway does if we did not ask."""
        return self.refund or self.id


class Acknowledgement(Struct, frozen=True):
    """What a gateway wants to read in a 200 before it believes that a webhook arrived."""

    body: bytes = b"{}"
    media_type: str = "application/json"


class Gateway(Protocol):
    """
    Whoever moves the money.

    ``tests/contracts`` holds every implementation to these promises.
    """

    @property
    def name(self) -> str:
        """Part of the webhook's path, and kept with each payment."""
        ...

    @property
    def acknowledgement(self) -> Acknowledgement:
        """What its webhooks are answered with."""
        ...

    async def charge(self, charge: Charge) -> ChargeStarted:
        """
        Begin to collect money. Idempotent by payment: called again, the answer is the same.

        Raises:
            GatewayUnavailable: whether the charge exists is not known; call again.
            GatewayRefused: there is none, and will be none.

        """
        ...

    async def withdraw(self, *, payment: PaymentId, reference: str) -> None:
        """
        Take no more money for a charge. Idempotent, and no promise: a capture may be on its way.

        Raises:
            GatewayUnavailable: whether it has heard is not known; call again.

        """
        ...

    async def refund(self, refund: Refund) -> None:
        """
        Give captured money back; return once the gateway has taken that on. Idempotent by id.

        Raises:
            GatewayUnavailable: whether it has is not known; call again.
            GatewayRefused: it has not, and says why: perhaps not so much is left of the payment.
            UnknownPayment: it has captured no such payment.

        """
        ...

    def statement(self, since: int, until: int) -> AsyncIterator[Movement]:
        """
        List the money that moved from ``since`` to before ``until`` (Unix ms), in any order.

        Only what was moved for this shop, by whomever: a refund that somebody made on the
        gateway's own pages is in it.

        Raises:
            GatewayUnavailable: the rest is not known.

        """
        ...

    def parse_webhook(
        self, headers: Mapping[str, str], body: bytes, now: int
    ) -> GatewayEvent | None:
        """
        Read what the gateway sent, once it is certain that it did; ``now`` in Unix ms.

        The names of ``headers`` are lower case. None: it is genuine, and tells us nothing.

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


class GatewayRefused(ShopError):
    """The gateway answers, and will not do it; ``reason`` is its own sentence."""

    code = "gateway_refused"

    def __init__(self, gateway: str, reason: str) -> None:
        self.gateway = gateway
        self.reason = reason

    def __str__(self) -> str:
        return f"the payment gateway {self.gateway} refuses: {self.reason}"


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
