"""
Prices as people write them in a chat.

Exact to the cent in every currency: no binary fractions are involved.
"""

from decimal import Decimal
from typing import Final

SIGNS: Final = {"USD": "$", "EUR": "€", "GBP": "£", "CNY": "¥", "JPY": "¥"}

EXPONENTS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "BHD": 3}
"""ISO 4217; every other currency here has two."""


def price(minor: int, currency: str) -> str:
    """Return ``1650 USD`` as ``$16.50``, and ``1600 USD`` as ``$16``."""
    amount = Decimal(minor).scaleb(-EXPONENTS.get(currency, 2))
    if amount == amount.to_integral_value():
        amount = amount.to_integral_value()
    sign = SIGNS.get(currency)
    return f"{sign}{amount:f}" if sign else f"{amount:f} {currency}"
