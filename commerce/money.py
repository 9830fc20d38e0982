"""
Amounts of money: whole minor units (cents) of one currency.

No amount is ever a float, two currencies never meet in one sum, and what is divided adds up again
to the last cent.
"""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

MINOR_DIGITS: Final = {
    # ISO 4217: everything that is not listed has two.
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"), 0
    ),
    **dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}

BASIS_POINTS: Final = 10_000
"""In one whole: a rate of 1,900 is 19 %."""

_DECIMAL: Final = re.compile(r"([0-9]{1,15})(?:\.([0-9]+))?")


def minor_digits(currency: str) -> int:
    """Return how many decimals the currency has: 2 for USD, 0 for JPY."""
    return MINOR_DIGITS.get(currency, 2)


def parse_decimal(text: str, currency: str) -> int:
    """
    Return the minor units of an amount such as ``19.90``.

    Only digits and one point are read. Thousands separators, signs, symbols and more decimals than
    the currency has are refused, even zeros: ``1.000`` is a thousand to half of the world.

    Raises:
        ValueError: with a sentence that says what is wrong.

    """
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not an amount such as 19.90")
    whole, decimals = match[1], match[2] or ""
    digits = minor_digits(currency)
    if len(decimals) > digits:
        raise ValueError(f"{text!r} has {len(decimals)} decimals; {currency} has {digits}")
    return int(whole + decimals.ljust(digits, "0"))


def half_up(numerator: int, denominator: int) -> int:
    """
    Return a fraction of money as whole minor units: the nearest, a half up.

    As tax offices and cash registers do; half-even saves nothing where every line is rounded once
    and nothing is summed up before. Neither may be negative.
    """
    return (2 * numerator + denominator) // (2 * denominator)


class Money(Struct, frozen=True):
    """``minor`` units of ``currency``; adding another currency is an error in the program."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._check_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._check_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def times(self, quantity: int) -> "Money":
        """Return the price of ``quantity`` units."""
        return Money(self.minor * quantity, self.currency)

    def allocate(self, weights: Sequence[int]) -> list["Money"]:
        """
        Divide in proportion to ``weights``, so that the parts add up to the whole.

        The cents that do not divide go to the parts that were rounded down most, the first of
        equals first.

        Raises:
            ValueError: a weight is negative, or all are zero.

        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError(f"weights are not negative and not all zero: {list(weights)}")
        shares = [divmod(self.minor * weight, total) for weight in weights]
        missing = self.minor - sum(share for share, _ in shares)
        by_remainder = sorted(range(len(shares)), key=lambda part: -shares[part][1])
        favoured = set(by_remainder[:missing])
        return [
            Money(share + (part in favoured), self.currency)
            for part, (share, _) in enumerate(shares)
        ]

    def __str__(self) -> str:
        digits = minor_digits(self.currency)
        if digits == 0:
            return f"{self.minor} {self.currency}"
        whole, decimals = divmod(abs(self.minor), 10**digits)
        return f"{'-' if self.minor < 0 else ''}{whole}.{decimals:0{digits}} {self.currency}"

    def _check_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"{self} and {other} are not in the same currency")
