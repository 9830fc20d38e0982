"""
What the shop refuses, and why: one tree, a stable code on each class, the facts as attributes.

::

    ShopError
    ├── NotFound               unknown_show, unknown_offer, unknown_product, ...
    ├── Taken
    │   ├── EmailTaken         email_taken
    │   ├── ShowIdTaken        show_id_taken
    │   ├── HandleTaken        product_handle_taken
    │   ├── CouponCodeTaken    coupon_code_taken
    │   └── SkusTaken          skus_taken
    ├── InvalidValue           invalid_value
    ├── NotYours               not_yours
    ├── WrongState             wrong_state
    ├── NotEnoughStock         not_enough_stock
    ├── PriceNotLower          price_not_lower
    ├── WasNotAsked            was_not_asked
    ├── PayWindowOver          pay_window_over
    ├── PaidByOthers           sold_out
    ├── Rehearsed              rehearsal
    ├── RefundTooLarge         refund_too_large
    ├── EventsGone             events_gone
    ├── TooManyWebhooks        too_many_webhooks
    ├── AddressNeeded          address_needed
    ├── NotDelivered           not_delivered
    ├── NotTogether            not_together
    ├── QuoteChanged           quote_changed
    ├── AmountMismatch         amount_mismatch
    ├── CouponRefused          coupon_over, coupon_used_up, ...
    ├── TooManyAddresses       too_many_addresses
    ├── StartsInPast           starts_in_past
    ├── TooManyReminders       too_many_reminders
    ├── IdempotencyMismatch    idempotency_key_reused
    ├── IdempotencyInFlight    idempotency_in_flight
    ├── StoreUnavailable       store_unavailable
    └── MigrationChanged       migration_changed

``str`` of each is a sentence for a person, and ``code`` is for programs. Whoever raises one has
changed nothing.
"""

from collections.abc import Sequence
from typing import Final, Literal

Kind = Literal[
    "account",
    "show",
    "product",
    "variant",
    "offer",
    "order",
    "webhook",
    "event",
    "address",
    "tariff",
    "shipment",
    "coupon",
]

CouponReason = Literal[
    "coupon_not_yet",
    "coupon_over",
    "coupon_other_currency",
    "coupon_not_for_these",
    "coupon_below_minimum",
    "coupon_yours_used",
    "coupon_used_up",
]

SKUS_NAMED: Final = 5
"""A sentence that lists more than this is not read."""


class ShopError(Exception):
    """Base of the errors of this package."""

    code: str


class NotFound(ShopError):
    """There is no such thing; its code is ``unknown_<kind>``."""

    def __init__(self, kind: Kind, id: str) -> None:
        self.kind: Final = kind
        self.id: Final = id
        self.code = f"unknown_{kind}"

    def __str__(self) -> str:
        return f"there is no {self.kind} {self.id!r}"


class Taken(ShopError):
    """A name that only one may have belongs to another."""


class EmailTaken(Taken):
    """Another account has this address."""

    code = "email_taken"

    def __init__(self, email: str) -> None:
        self.email: Final = email

    def __str__(self) -> str:
        return f"there is an account with the address {self.email} already; sign in instead"


class ShowIdTaken(Taken):
    """Another show has this id."""

    code = "show_id_taken"

    def __init__(self, id: str) -> None:
        self.id: Final = id

    def __str__(self) -> str:
        return f"there is a show with the id {self.id!r} already"


class HandleTaken(Taken):
    """Another product has this handle."""

    code = "product_handle_taken"

    def __init__(self, handle: str) -> None:
        self.handle: Final = handle

    def __str__(self) -> str:
        return f"there is a product with the handle {self.handle!r} already"


class CouponCodeTaken(Taken):
    """This host has had a coupon with this code."""

    code = "coupon_code_taken"

    def __init__(self, coupon: str) -> None:
        self.coupon: Final = coupon

    def __str__(self) -> str:
        return f"you have had a coupon {self.coupon!r} already; take another code"


class SkusTaken(Taken):
    """Variants of other products have these SKUs."""

    code = "skus_taken"

    def __init__(self, skus: Sequence[str]) -> None:
        self.skus: Final = tuple(skus)

    def __str__(self) -> str:
        named = ", ".join(self.skus[:SKUS_NAMED])
        more = len(self.skus) - SKUS_NAMED
        return f"other products have these SKUs already: {named}" + (
            f" and {more} more" if more > 0 else ""
        )


class InvalidValue(ShopError):
    """A value cannot be accepted; ``field`` is its path, such as ``$.variants[0].sku``."""

    code = "invalid_value"

    def __init__(self, field: str, detail: str) -> None:
        self.field: Final = field
        self.detail: Final = detail

    def __str__(self) -> str:
        return f"{self.field}: {self.detail}"


class NotYours(ShopError):
    """It belongs to someone else."""

    code = "not_yours"

    def __init__(self, kind: Kind, id: str) -> None:
        self.kind: Final = kind
        self.id: Final = id

    def __str__(self) -> str:
        return f"the {self.kind} {self.id!r} belongs to someone else"


class WrongState(ShopError):
    """It is in a state in which this cannot be done; ``wanted`` says in which it could."""

    code = "wrong_state"

    def __init__(self, kind: Kind, id: str, *, state: str, wanted: str) -> None:
        self.kind: Final = kind
        self.id: Final = id
        self.state: Final = state
        self.wanted: Final = wanted

    def __str__(self) -> str:
        return f"the {self.kind} {self.id!r} is {self.state}; it would have to be {self.wanted}"


class NotEnoughStock(ShopError):
    """Fewer units are in the warehouse than are wanted."""

    code = "not_enough_stock"

    def __init__(self, sku: str, *, wanted: int, available: int) -> None:
        self.sku: Final = sku
        self.wanted: Final = wanted
        self.available: Final = available

    def __str__(self) -> str:
        return f"{self.wanted} units of {self.sku} are wanted, {self.available} are available"


class PriceNotLower(ShopError):
    """A flash price is no lower than what was asked lately; amounts and dates to read."""

    code = "price_not_lower"

    def __init__(self, what: str, *, price: str, lowest: str, since: str) -> None:
        self.what: Final = what
        self.price: Final = price
        self.lowest: Final = lowest
        self.since: Final = since

    def __str__(self) -> str:
        return (
            f"the lowest price of {self.what} since {self.since} was {self.lowest}; "
            f"a flash price has to be below it, and {self.price} is not"
        )


class WasNotAsked(ShopError):
    """A price before was not asked long enough lately; ``highest`` is one that was, if any."""

    code = "was_not_asked"

    def __init__(self, sku: str, before: str, highest: str | None) -> None:
        self.sku: Final = sku
        self.before: Final = before
        self.highest: Final = highest

    def __str__(self) -> str:
        instead = f"; the highest that was is {self.highest}" if self.highest else ""
        return (
            f"{self.before} was not asked for {self.sku} for a day of the last 30, "
            f"so it cannot be the price before{instead}"
        )


class PayWindowOver(ShopError):
    """The time to pay for the order is over."""

    code = "pay_window_over"

    def __init__(self, order: str) -> None:
        self.order: Final = order

    def __str__(self) -> str:
        return f"the time to pay for the order {self.order!r} is over"


class PaidByOthers(ShopError):
    """The order holds no unit, and others have paid for what was left."""

    code = "sold_out"

    def __init__(self, order: str) -> None:
        self.order: Final = order

    def __str__(self) -> str:
        return f"others paid first: nothing is left for the order {self.order!r}"


class Rehearsed(ShopError):
    """A show is a rehearsal; ``reason`` says why that is in the way."""

    code = "rehearsal"

    def __init__(self, show: str, reason: str) -> None:
        self.show: Final = show
        self.reason: Final = reason

    def __str__(self) -> str:
        return f"the show {self.show!r} is a rehearsal: {self.reason}"


class RefundTooLarge(ShopError):
    """Less of the order's money is left than is to go back; ``left`` is an amount to read."""

    code = "refund_too_large"

    def __init__(self, order: str, left: str) -> None:
        self.order: Final = order
        self.left: Final = left

    def __str__(self) -> str:
        return f"{self.left} of the order {self.order!r} is left to refund"


class EventsGone(ShopError):
    """Events behind a cursor were deleted; ``oldest`` is the cursor that still works."""

    code = "events_gone"

    def __init__(self, oldest: str) -> None:
        self.oldest: Final = oldest

    def __str__(self) -> str:
        return (
            "events behind this cursor are too old and were deleted; "
            f"read what you missed from the orders, and go on after {self.oldest}"
        )


class TooManyWebhooks(ShopError):
    """An account has as many webhooks as it may."""

    code = "too_many_webhooks"

    def __init__(self, limit: int) -> None:
        self.limit: Final = limit

    def __str__(self) -> str:
        return f"you have {self.limit} webhooks, which is as many as an account may have"


class AddressNeeded(ShopError):
    """The shop delivers, so what an order costs depends on where it goes."""

    code = "address_needed"

    def __init__(self, order: str) -> None:
        self.order: Final = order

    def __str__(self) -> str:
        return (
            f"the order {self.order!r} is delivered: ask POST /api/checkout/quote what it costs to "
            "an address, and pay that"
        )


class NotDelivered(ShopError):
    """The shop sends nothing there."""

    code = "not_delivered"

    def __init__(self, country: str) -> None:
        self.country: Final = country

    def __str__(self) -> str:
        return f"this shop does not deliver to that address in {self.country}"


class NotTogether(ShopError):
    """These orders cannot be paid for in one payment; ``reason`` says what sets them apart."""

    code = "not_together"

    def __init__(self, reason: str) -> None:
        self.reason: Final = reason

    def __str__(self) -> str:
        return f"these orders cannot be paid for together: {self.reason}"


class QuoteChanged(ShopError):
    """What it costs changed since it was quoted."""

    code = "quote_changed"

    def __init__(self, quote: str) -> None:
        self.quote: Final = quote

    def __str__(self) -> str:
        return f"the price changed since the quote {self.quote!r}; ask for a new one"


class AmountMismatch(ShopError):
    """A client expects to pay another amount than the shop asks; both are amounts to read."""

    code = "amount_mismatch"

    def __init__(self, *, expected: str, asked: str) -> None:
        self.expected: Final = expected
        self.asked: Final = asked

    def __str__(self) -> str:
        return f"this costs {self.asked}, and not {self.expected}; nothing was charged"


class CouponRefused(ShopError):
    """A coupon does not hold for a purchase; the code says why, ``fact`` is part of it to read."""

    def __init__(self, reason: CouponReason, coupon: str, fact: str = "") -> None:
        self.code: CouponReason = reason
        self.coupon: Final = coupon
        self.fact: Final = fact

    def __str__(self) -> str:
        match self.code:
            case "coupon_not_yet":
                return f"the coupon {self.coupon} cannot be used yet"
            case "coupon_over":
                return f"the coupon {self.coupon} is over"
            case "coupon_other_currency":
                return f"the coupon {self.coupon} is for purchases in {self.fact}"
            case "coupon_not_for_these":
                return f"the coupon {self.coupon} takes nothing off these orders"
            case "coupon_below_minimum":
                return f"the coupon {self.coupon} is for goods of {self.fact} or more"
            case "coupon_yours_used":
                return f"you have used the coupon {self.coupon} as often as you may"
            case "coupon_used_up":
                return f"the coupon {self.coupon} is used up"


class TooManyAddresses(ShopError):
    """An address book is full."""

    code = "too_many_addresses"

    def __init__(self, limit: int) -> None:
        self.limit: Final = limit

    def __str__(self) -> str:
        return f"you keep {self.limit} addresses, which is as many as there may be; delete one"


class StartsInPast(ShopError):
    """A show is planned for a moment that is over."""

    code = "starts_in_past"

    def __str__(self) -> str:
        return "a show cannot be planned for a time in the past; choose one to come"


class TooManyReminders(ShopError):
    """An account waits for as many shows as it may."""

    code = "too_many_reminders"

    def __init__(self, limit: int) -> None:
        self.limit: Final = limit

    def __str__(self) -> str:
        return f"you are reminded of {self.limit} shows, which is as many as there may be"


class IdempotencyMismatch(ShopError):
    """The key was used before, for a different request."""

    code = "idempotency_key_reused"

    def __init__(self, key: str) -> None:
        self.key: Final = key

    def __str__(self) -> str:
        return f"the idempotency key {self.key!r} was used before, for a different request"


class IdempotencyInFlight(ShopError):
    """The first request with this key is still being worked on; ask again soon."""

    code = "idempotency_in_flight"

    def __init__(self, key: str) -> None:
        self.key: Final = key

    def __str__(self) -> str:
        return f"the first request with the idempotency key {self.key!r} is still being worked on"


class StoreUnavailable(ShopError):
    """PostgreSQL does not answer; ``target`` names it without its password, if that is known."""

    code = "store_unavailable"

    def __init__(self, target: str | None, reason: str) -> None:
        self.target: Final = target
        self.reason: Final = reason

    def __str__(self) -> str:
        where = f" at {self.target}" if self.target is not None else ""
        return f"PostgreSQL{where} cannot be used: {self.reason}"


class MigrationChanged(ShopError):
    """A migration that the database has already seen reads differently now."""

    code = "migration_changed"

    def __init__(self, name: str) -> None:
        self.name: Final = name

    def __str__(self) -> str:
        return (
            f"the migration {self.name} was changed after it was applied; "
            "restore the file, and write the change as a new migration"
        )
