"""
The socket as an AsyncAPI 3.0 document: one channel, what it takes and what it says.

Actions are the server's, as the specification has it: it receives what clients send. Pure.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, get_args

from msgspec.inspect import type_info

from live.protocol.examples import CLIENT, SERVER
from live.wire import (
    SUBPROTOCOL,
    ClientMessage,
    ControlEvent,
    LatestValue,
    ServerMessage,
    encode,
    schema,
)
from rooms.messages import ChatLine

_CHANNEL: Final = {"$ref": "#/channels/room"}

_LANES: Final = (
    (
        ControlEvent,
        "control",
        "Contiguous offsets, in order, exactly once, recovered after a reconnect, never dropped.",
    ),
    (ChatLine, "chat", "In order; some lines are left out, and how many is told by `skipped`."),
    (LatestValue, "latest", "A newer value replaces one that was not sent yet."),
)
_ALONE: Final = ("alone", "To one viewer, or to every connection of one user.")


def document(version: str) -> dict[str, Any]:
    """Return the document for this version of the server."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "liveshop rooms",
            "version": version,
            "description": (
                "One WebSocket a viewer. A client sends one JSON object a frame; the server sends "
                "a JSON array of objects a frame. README.md beside this file says how to write a "
                "client."
            ),
            "license": {"name": "Apache-2.0"},
            "tags": [
                {"name": name, "description": text}
                for name, text in [*((name, text) for _, name, text in _LANES), _ALONE]
            ],
        },
        "defaultContentType": "application/json",
        "servers": {
            "shop": {"host": "live.example.com", "protocol": "wss", "protocolVersion": "13"}
        },
        "channels": {
            "room": {
                "address": "/ws",
                "title": "A room",
                "description": (
                    f"Subprotocol `{SUBPROTOCOL}`, optional. The first message is `join`."
                ),
                "messages": {
                    kind.__name__: {"$ref": f"#/components/messages/{kind.__name__}"}
                    for kind in (*get_args(ClientMessage), *get_args(ServerMessage))
                },
                "bindings": {"ws": {"method": "GET", "bindingVersion": "0.1.0"}},
            }
        },
        "operations": {
            "receiveFromViewer": _operation("receive", ClientMessage, "What a viewer may say."),
            "sendToViewer": _operation("send", ServerMessage, "What a viewer hears."),
        },
        "components": {
            "messages": {
                **{kind.__name__: _message(kind, CLIENT) for kind in get_args(ClientMessage)},
                **{kind.__name__: _message(kind, SERVER) for kind in get_args(ServerMessage)},
            },
            "schemas": _schemas(),
        },
    }


def _operation(action: str, union: Any, summary: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": _CHANNEL,
        "summary": summary,
        "messages": [
            {"$ref": f"#/channels/room/messages/{kind.__name__}"} for kind in get_args(union)
        ],
    }


def _message(kind: Any, examples: Mapping[str, Any]) -> dict[str, Any]:
    tag = type_info(kind).tag  # type: ignore[attr-defined]
    message = {
        "name": tag,
        "title": kind.__name__,
        "summary": kind.__doc__.strip().partition("\n\n")[0],
        "payload": {"$ref": f"#/components/schemas/{kind.__name__}"},
        "examples": [{"payload": json.loads(encode(examples[tag]))}],
    }
    if kind in get_args(ServerMessage):
        message["tags"] = [{"name": _lane(kind)}]
    return message


def _lane(kind: Any) -> str:
    return next(
        (name for union, name, _ in _LANES if kind in (get_args(union) or (union,))), _ALONE[0]
    )


def _schemas() -> dict[str, Any]:
    definitions = {
        name: definition
        for name, definition in schema()["$defs"].items()
        if name not in ("ClientMessage", "ServerMessage")
    }
    moved = json.dumps(definitions).replace("#/$defs/", "#/components/schemas/")
    found: dict[str, Any] = json.loads(moved)
    return found
