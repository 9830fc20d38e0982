"""
The wire: every message a client may send, and every message a server may.

A message is declared in the package that owns its meaning; here are the unions, one decoder and
the JSON Schema that everything under ``clients/protocol`` is generated from. Nothing here waits.
"""

from typing import Any, Final

import msgspec

from commerce.messages import (
    Admitted,
    Click,
    CouponPinned,
    CouponUnpinned,
    Enter,
    Entered,
    OfferChanged,
    OfferPinned,
    OfferUnpinned,
    Paid,
    Placed,
    Queue,
    Refunded,
    Refused,
    Released,
    Reserve,
    Reserved,
    ShipmentChanged,
    ShowChanged,
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
from rooms.messages import (
    Arrivals,
    ChatCleared,
    ChatLine,
    ChatMode,
    ChatRemoved,
    CommentPinned,
    CommentUnpinned,
    Error,
    Join,
    Joined,
    Like,
    Notice,
    Ok,
    People,
    Ping,
    Pong,
    Pulse,
    Say,
    Skipped,
)

SUBPROTOCOL: Final = "liveshop.v1"

ClientMessage = Join | Say | Like | Ping | Reserve | Wait | Unwait | Enter | Click

ControlEvent = (
    ShowChanged
    | OfferChanged
    | OfferPinned
    | OfferUnpinned
    | CouponPinned
    | CouponUnpinned
    | ChatRemoved
    | ChatCleared
    | ChatMode
    | CommentPinned
    | CommentUnpinned
    | Notice
)

LatestValue = Stock | Queue | Pulse | People | Arrivals

ServerMessage = (
    Joined
    | ShowChanged
    | OfferChanged
    | OfferPinned
    | OfferUnpinned
    | CouponPinned
    | CouponUnpinned
    | ChatRemoved
    | ChatCleared
    | ChatMode
    | CommentPinned
    | CommentUnpinned
    | Notice
    | ChatLine
    | Stock
    | Queue
    | Pulse
    | People
    | Arrivals
    | Reserved
    | Refused
    | Waiting
    | Unwaited
    | Entered
    | Admitted
    | Placed
    | Paid
    | Refunded
    | Released
    | ShipmentChanged
    | Tally
    | StockLow
    | Ok
    | Error
    | Pong
    | Skipped
)

decode_client_message: Final = msgspec.json.Decoder(ClientMessage).decode
encode: Final = msgspec.json.Encoder().encode


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of both directions, with every type under ``$defs``."""
    (client, server, _snapshot, _you), definitions = msgspec.json.schema_components(
        [ClientMessage, ServerMessage, Snapshot, You], ref_template="#/$defs/{name}"
    )
    # The broker writes the offset into the event, so on the wire it is always there.
    for event in ControlEvent.__args__:
        definitions[event.__name__]["required"].append("offset")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "liveshop.v1",
        "$defs": {**definitions, "ClientMessage": client, "ServerMessage": server},
    }
