"""
The names of things: one type a kind, and how a new name is made.

Ids of later milliseconds sort after those of earlier ones, so that new rows land at the end of an
index and a list by id is a list by age. Nobody can guess one.
"""

import secrets
import time
from typing import Final, NewType

AccountId = NewType("AccountId", str)
ProductId = NewType("ProductId", str)
VariantId = NewType("VariantId", str)
ShowId = NewType("ShowId", str)
OfferId = NewType("OfferId", str)
OrderId = NewType("OrderId", str)
PaymentId = NewType("PaymentId", str)
RefundId = NewType("RefundId", str)
HoldId = NewType("HoldId", str)
WebhookId = NewType("WebhookId", str)
AddressId = NewType("AddressId", str)
TariffId = NewType("TariffId", str)
ShipmentId = NewType("ShipmentId", str)
CouponId = NewType("CouponId", str)

ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no i, l, o or u, so that an id survives being read aloud."""

TIME_CHARACTERS: Final = 9
"""45 bits of milliseconds last until the year 3084."""

CHANCE_CHARACTERS: Final = 11
"""55 bits a millisecond: at 5,000 ids/s two meet once in a hundred thousand years."""


def new_id(prefix: str) -> str:
    """Return ``<prefix>_`` and 20 characters that no other call returns."""
    moment = _base32(time.time_ns() // 1_000_000, TIME_CHARACTERS)
    return f"{prefix}_{moment}{random_characters(CHANCE_CHARACTERS)}"


def new_ids(prefix: str, count: int) -> list[str]:
    """Return as many new ids at once, in half the time of one after the other."""
    moment = _base32(time.time_ns() // 1_000_000, TIME_CHARACTERS)
    chance = secrets.token_bytes(_CHANCE_BYTES * count)
    return [
        f"{prefix}_{moment}"
        + _base32(
            int.from_bytes(chance[at : at + _CHANCE_BYTES], "big") & _CHANCE_MASK, CHANCE_CHARACTERS
        )
        for at in range(0, len(chance), _CHANCE_BYTES)
    ]


def random_characters(count: int) -> str:
    """Return ``count`` characters of chance, for a name that also says what it names."""
    return _base32(secrets.randbits(5 * count), count)


def _base32(number: int, characters: int) -> str:
    """Write a number in ``characters`` digits, two at a time."""
    top = 5 * (characters - 2)
    pairs = [_PAIRS[(number >> shift) & 1023] for shift in range(top, -1, -10)]
    if characters % 2:
        pairs.append(ALPHABET[number & 31])
    return "".join(pairs)


_PAIRS: Final = [first + second for first in ALPHABET for second in ALPHABET]
_CHANCE_BYTES: Final = 7
_CHANCE_MASK: Final = (1 << (5 * CHANCE_CHARACTERS)) - 1
