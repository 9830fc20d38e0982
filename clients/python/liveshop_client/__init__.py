"""
The Python SDK of liveshop: rooms over WebSocket, the shop over HTTP.

::

    async with Api("https://shop.example") as api:
        await api.guest("Ada")
        async with connect(api.base_url, "tonight", token=api.token) as room:
            await room.say("hello")
            answer = await room.reserve(room.state.pinned)

========================  ====================================================================
``client``                ``connect`` and ``Room``: what a viewer sees and does
``api``                   ``Api``: everything a host can do, and a buyer's orders
``session``               the conversation, across reconnects                            (pure)
``state``                 the room as one viewer sees it: a snapshot and what followed   (pure)
``recovery``              which control event is next, old, or missing                   (pure)
``backoff`` ``clock``     when to come back; what time the server has                    (pure)
``codes`` ``errors``      what ends a connection; what can go wrong                      (pure)
``messages``              the shapes of what crosses the wire                            (pure)
``transport`` ``inbox``   a connection; the messages a reader has not read yet
========================  ====================================================================
"""

from liveshop_client.api import Api
from liveshop_client.client import Room, connect
from liveshop_client.errors import (
    ApiError,
    JoinRefused,
    LiveshopError,
    Rejected,
    RoomEnded,
    Unconfirmed,
    Unreachable,
)
from liveshop_client.state import RoomState

__all__ = [
    "Api",
    "ApiError",
    "JoinRefused",
    "LiveshopError",
    "Rejected",
    "Room",
    "RoomEnded",
    "RoomState",
    "Unconfirmed",
    "Unreachable",
    "connect",
]
