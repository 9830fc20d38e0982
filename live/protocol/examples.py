"""
One message of every type, as it looks on the wire.

They are golden frames: the tests of every SDK read them, so a change here is a change of protocol.
"""

from typing import Final

import msgspec

from commerce.messages import (
    Admitted,
    Click,
    CouponCard,
    CouponPinned,
    CouponUnpinned,
    Enter,
    Entered,
    LowStock,
    OfferChanged,
    OfferPinned,
    OfferUnpinned,
    OfferView,
    OrderView,
    Paid,
    Placed,
    PlaceInLine,
    PlaceInQueue,
    Queue,
    Refunded,
    Refused,
    Released,
    Reserve,
    Reserved,
    ShipmentChanged,
    ShipmentView,
    ShowChanged,
    ShowView,
    Stock,
    StockLow,
    Tally,
    Unwait,
    Unwaited,
    Wait,
    Waiting,
    You,
)
from live.snapshot import Snapshot
from live.wire import ClientMessage, ServerMessage, encode
from rooms.messages import (
    Arrivals,
    ChatCleared,
    ChatLine,
    ChatMode,
    ChatRemoved,
    CommentPinned,
    CommentUnpinned,
    Error,
    Excerpt,
    Join,
    Joined,
    Like,
    Mention,
    Notice,
    Ok,
    People,
    Ping,
    Pong,
    Pulse,
    Say,
    Sender,
    Since,
    Skipped,
)

_AT: Final = 1_767_225_600_000
_SHOW: Final = ShowView(
    id="tea-time",
    title="Tea time: kettles, cups and a little luck",
    host="acc_01h8xg7q2w3e4r5t",
    host_name="Mei",
    state="live",
    starts_at=_AT - 60_000,
    started_at=_AT - 58_500,
)
_EVERYDAY: Final = OfferView(
    id="ofr_01h8xg8a1b2c3d4e",
    show=_SHOW.id,
    kind="everyday",
    state="open",
    product="prd_01h8xfzz9y8x7w6v",
    title="Speckled teapot",
    variant="var_01h8xfzz1q2w3e4r",
    sku="TEAPOT-SAND",
    price_minor=4800,
    currency="USD",
    quantity=40,
    left=37,
    version=3,
    limit_per_buyer=5,
    hold_s=300,
    position=1,
    options=["Sand"],
    picture="/sample/speckled-teapot.svg",
    picture_alt="A round teapot with blue speckles",
    opens_at=_AT - 50_000,
    policy="first_paid",
)
_FLASH: Final = OfferView(
    id="ofr_01h8xg9f6g7h8j9k",
    show=_SHOW.id,
    kind="flash",
    state="open",
    product="prd_01h8xg00p9o8i7u6",
    title="Moon mug",
    variant="var_01h8xg00a9s8d7f6",
    sku="MUG-MOON",
    price_minor=900,
    currency="USD",
    quantity=20,
    left=20,
    version=0,
    limit_per_buyer=1,
    hold_s=120,
    position=2,
    picture="/sample/moon-mug.svg",
    was_minor=2400,
    opens_at=_AT + 10_000,
    closes_at=_AT + 70_000,
)
_ORDER: Final = OrderView(
    id="ord_01h8xgb2m3n4p5q6",
    show=_SHOW.id,
    offer=_FLASH.id,
    hold="hld_01h8xgb1k2j3h4g5",
    buyer="acc_01h8xga7z8x9c0v1",
    buyer_name="小林",
    title="Moon mug",
    quantity=1,
    unit_price_minor=900,
    total_minor=900,
    currency="USD",
    status="awaiting_payment",
    placed_at=_AT + 10_120,
    pay_by=_AT + 118_000,
    picture="/sample/moon-mug.svg",
)
_PAID_ORDER: Final = msgspec.structs.replace(_ORDER, status="paid", paid_at=_AT + 31_000)
_COUPON: Final = CouponCard(
    id="cpn_01h8xge5f6g7h8j9",
    code="TEA-10",
    percent_bp=1_000,
    currency="USD",
    minimum_minor=2_000,
    valid_until=_AT + 3_600_000,
)
_SHOP_LINE: Final = ChatLine(
    id="shop.say_01h8xgc9d8e7f6g5",
    sender=Sender(id="shop", name=_SHOW.host_name, badges=["shop"]),
    text="Every mug ships tomorrow.",
    at=_AT - 900,
)
_LINE: Final = ChatLine(
    id="acc_01h8xga7z8x9c0v1.7",
    sender=Sender(id="acc_01h8xga7z8x9c0v1", name="小林", badges=["buyer"]),
    text="这个茶壶可以放洗碗机吗？ 🫖",
    at=_AT - 1_200,
)
_REPLY: Final = ChatLine(
    id=f"{_SHOW.host}.4",
    sender=Sender(id=_SHOW.host, name=_SHOW.host_name, badges=["host"]),
    text="@小林 可以的 😊",
    at=_AT - 300,
    reply_to=_LINE.id,
    mentions=[Mention(id=_LINE.sender.id, name=_LINE.sender.name)],
    quote=Excerpt(sender=_LINE.sender, text=_LINE.text),
)

CLIENT: Final[dict[str, ClientMessage]] = {
    "join": Join(
        room=_SHOW.id,
        token="eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl",
        since=Since(epoch="b7f3", offset=41),
        device="k3v9-q1d8-w7z2",
    ),
    "chat": Say(
        id="4",
        text=_REPLY.text,
        reply_to=_REPLY.reply_to,
        mentions=_REPLY.mentions,
    ),
    "like": Like(count=3),
    "ping": Ping(id=1, at=_AT - 40),
    "reserve": Reserve(id="2f1c9f5e-7d0b-4f27-9d3e-5b8f6a0c1d2e", offer=_FLASH.id, fresh=True),
    "wait": Wait(id="6b0d2c1e-93f4-4a70-8c55-1f7e2d9a4b36", offer=_FLASH.id),
    "unwait": Unwait(id="91c7f0aa-2e5d-4d0b-b1f8-7a3c6e5d4f20", offer=_FLASH.id),
    "enter": Enter(id="c41d7f08-5a9b-4e63-8d20-6e1b9a7f3c55", offer=_FLASH.id),
    "click": Click(offer=_FLASH.id),
}
"""By ``type``: what a client sends, one object a frame."""

SERVER: Final[dict[str, ServerMessage]] = {
    "joined": Joined(
        room=_SHOW.id,
        you=msgspec.Raw(
            encode(
                You(
                    id=_ORDER.buyer,
                    name="小林",
                    role="viewer",
                    orders=[_ORDER],
                    waiting=[PlaceInLine(offer=_EVERYDAY.id, place=4)],
                    queued=[PlaceInQueue(offer=_FLASH.id, place=143)],
                )
            ),
        ),
        epoch="b7f3",
        offset=42,
        at=_AT,
        chat=[msgspec.Raw(encode(_LINE))],
        snapshot=msgspec.Raw(
            encode(
                Snapshot(
                    show=_SHOW,
                    offers=[_EVERYDAY, _FLASH],
                    viewers=61,
                    likes=1204,
                    pinned=_EVERYDAY.id,
                    comment=_SHOP_LINE,
                    slow_s=10,
                    coupon=_COUPON,
                )
            )
        ),
    ),
    "show": ShowChanged(show=_SHOW, at=_AT, offset=43),
    "offer": OfferChanged(offer=_FLASH, at=_AT + 10, offset=44),
    "pinned": OfferPinned(offer=_FLASH.id, at=_AT + 20, offset=45),
    "unpinned": OfferUnpinned(at=_AT + 30, offset=46),
    "coupon_pinned": CouponPinned(coupon=_COUPON, at=_AT + 40, offset=53),
    "coupon_unpinned": CouponUnpinned(at=_AT + 50, offset=54),
    "chat_removed": ChatRemoved(id=_LINE.id, offset=47),
    "chat_cleared": ChatCleared(sender="acc_01h8xgd1e2f3g4h5", offset=48),
    "chat_mode": ChatMode(slow_s=10, audience="followers", offset=49),
    "comment_pinned": CommentPinned(line=_SHOP_LINE, offset=50),
    "comment_unpinned": CommentUnpinned(offset=51),
    "notice": Notice(text="Orders before noon leave today.", offset=52),
    "chat": _REPLY,
    "stock": Stock(offer=_FLASH.id, left=19, version=1),
    "queue": Queue(offer=_FLASH.id, entrants=2_000, called=20),
    "pulse": Pulse(viewers=63, likes=1250),
    "people": People(people=[_LINE.sender]),
    "arrivals": Arrivals(count=24, newest="Mia"),
    "reserved": Reserved(
        to="2f1c9f5e-7d0b-4f27-9d3e-5b8f6a0c1d2e",
        offer=_FLASH.id,
        hold=_ORDER.hold,
        quantity=1,
        expires_at=_AT + 130_000,
    ),
    "refused": Refused(
        to="2f1c9f5e-7d0b-4f27-9d3e-5b8f6a0c1d2e",
        offer=_FLASH.id,
        reason="not_open",
        retry_after_ms=4_200,
    ),
    "waiting": Waiting(to="6b0d2c1e-93f4-4a70-8c55-1f7e2d9a4b36", offer=_FLASH.id, place=3),
    "unwaited": Unwaited(to="91c7f0aa-2e5d-4d0b-b1f8-7a3c6e5d4f20", offer=_FLASH.id, reason="left"),
    "entered": Entered(to="c41d7f08-5a9b-4e63-8d20-6e1b9a7f3c55", offer=_FLASH.id, place=143),
    "admitted": Admitted(
        offer=_FLASH.id,
        admission=f"1.{_AT + 70_000}.q8V0xkTn2b0sVYt3l1cFZqJ7gR5mXw9dKe4uPaHyN6o",
        until=_AT + 70_000,
    ),
    "placed": Placed(order=_ORDER),
    "paid": Paid(order=_PAID_ORDER),
    "refunded": Refunded(order=msgspec.structs.replace(_PAID_ORDER, refunded_minor=300)),
    "released": Released(
        hold=_ORDER.hold, offer=_FLASH.id, reason="sold_out", order=_ORDER.id, money_back=True
    ),
    "shipment": ShipmentChanged(
        shipment=ShipmentView(
            id="shp_01h8xgf1a2b3c4d5",
            show=_SHOW.id,
            buyer=_ORDER.buyer,
            buyer_name=_ORDER.buyer_name,
            state="shipped",
            option="Standard, 2 to 4 days",
            orders=[_ORDER.id],
            opened_at=_AT + 31_000,
            shipped_at=_AT + 86_400_000,
            carrier="DHL",
            tracking="00340434292135100186",
        )
    ),
    "tally": Tally(orders=18, paid=14, awaiting=4, units=15, takings_minor=23_700, currency="USD"),
    "stock_low": StockLow(
        stock=LowStock(
            variant=_FLASH.variant,
            product=_FLASH.product,
            sku=_FLASH.sku,
            title=_FLASH.title,
            left=5,
            alert_at=5,
        )
    ),
    "ok": Ok(to="7"),
    "error": Error(
        code="invalid_message",
        detail="Expected `str` of length <= 300",
        to="7",
        path="$.text",
    ),
    "pong": Pong(id=1, at=_AT - 40, server_at=_AT),
    "skipped": Skipped(chat=12),
}
"""By ``type``: what the server sends; a frame is an array of them."""
