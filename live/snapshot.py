"""
A show and its room at one position of the control lane: what a newcomer is given.
"""

from typing import Annotated

from msgspec import Meta, Struct

from commerce.messages import CouponCard, OfferView, ShowView
from rooms.messages import Audience, ChatLine


class Snapshot(Struct, frozen=True, omit_defaults=True):
    """The whole state of a show at one position of its control lane."""

    show: ShowView
    offers: list[OfferView]
    viewers: int
    likes: int
    pinned: Annotated[str, Meta(description="The offer on screen")] | None = None
    comment: Annotated[ChatLine, Meta(description="The line above the chat")] | None = None
    slow_s: Annotated[int, Meta(description="Seconds between two lines of one person")] = 0
    audience: Annotated[Audience, Meta(description="Who may chat")] = "everyone"
    coupon: Annotated[CouponCard, Meta(description="The coupon on screen")] | None = None
