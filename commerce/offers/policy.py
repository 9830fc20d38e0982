"""
Who gets a unit: whoever reserves it (``hold``), or whoever pays for it first (``first_paid``).

A reservation of a first-paid offer is an intent. It holds nothing: the ledger takes the unit in the
transaction that notes the money. How many intents there may be is all that the gate decides.
"""

from typing import Final

from commerce.messages import OfferPolicy

RIVALS: Final = 10
"""
Units that may be on their way to the till for each one that is left.

Some 70 % of carts are left behind (Baymard Institute), so of ten buyers at least one pays in 97
cases of 100, and a rush makes ten orders a unit, not a million. More would only be refunded.
"""


def rivals(policy: OfferPolicy) -> int:
    """Return the bound as the gate's scripts want it; 0 means that units are held."""
    return RIVALS if policy == "first_paid" else 0
