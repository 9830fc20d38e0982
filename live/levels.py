"""
Offers with the gate's numbers: what is left right now, not what PostgreSQL last wrote down.

Where the gate cannot say, PostgreSQL's number stands: it is a moment behind, never invented.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from commerce.ids import OfferId
from commerce.messages import OfferView
from commerce.offers.outcomes import Unavailable
from commerce.offers.stock import Gate


async def with_levels(gate: Gate, offers: Sequence[OfferView]) -> list[OfferView]:
    """Return the offers in their order; one round trip however many they are."""
    selling = [OfferId(offer.id) for offer in offers if offer.state == "open"]
    levels = await gate.levels(selling) if selling else {}
    if isinstance(levels, Unavailable):
        return list(offers)
    return [
        replace(offer, left=level.available, version=level.version)
        if (level := levels.get(OfferId(offer.id))) is not None
        else offer
        for offer in offers
    ]
