"""The golden frames under ``clients/protocol/examples``, and the schema beside them."""

import json
from pathlib import Path
from typing import Any

PROTOCOL = Path(__file__).parents[2] / "clients" / "protocol"
SERVER_TYPES = sorted(path.stem for path in (PROTOCOL / "examples" / "server").glob("*.json"))


def server_frame(kind: str) -> list[dict[str, Any]]:
    """Return a frame that a server may send, as it was decoded."""
    frame: list[dict[str, Any]] = json.loads(
        (PROTOCOL / "examples" / "server" / f"{kind}.json").read_bytes()
    )
    return frame


def server_message(kind: str) -> dict[str, Any]:
    """Return the message of a golden frame."""
    (message,) = server_frame(kind)
    return message


def client_message(kind: str) -> dict[str, Any]:
    """Return a message that a client may send."""
    message: dict[str, Any] = json.loads(
        (PROTOCOL / "examples" / "client" / f"{kind}.json").read_bytes()
    )
    return message


def schema() -> dict[str, Any]:
    """Return the types of the wire, by name."""
    types: dict[str, Any] = json.loads((PROTOCOL / "schema.json").read_bytes())["$defs"]
    return types
