import json
import os
import subprocess
import sys
from typing import Any, get_args

import msgspec
import pytest

from commerce.messages import You
from live.protocol.documents import FOLDER, documents, outdated
from live.protocol.examples import CLIENT, SERVER
from live.protocol.typescript import declarations
from live.snapshot import Snapshot
from live.wire import ClientMessage, ControlEvent, ServerMessage, decode_client_message, schema
from rooms import codes
from rooms.messages import ChatLine


def test_what_is_committed_is_what_would_be_generated() -> None:
    assert outdated() == []


def test_the_files_do_not_depend_on_the_run() -> None:
    script = (
        "import hashlib; from live.protocol.documents import documents; "
        "print(hashlib.sha256(repr(sorted(documents().items())).encode()).hexdigest())"
    )

    digests = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(digests) == 1


def test_every_message_has_an_example() -> None:
    def tags(union: Any) -> list[str]:
        return [kind.__struct_config__.tag for kind in get_args(union)]

    assert list(CLIENT) == tags(ClientMessage)
    assert list(SERVER) == tags(ServerMessage)


@pytest.mark.parametrize("kind", list(CLIENT))
def test_the_server_reads_what_a_client_sends(kind: str) -> None:
    frame = (FOLDER / "examples" / "client" / f"{kind}.json").read_bytes()

    assert decode_client_message(frame) == CLIENT[kind]


@pytest.mark.parametrize("kind", [kind for kind in SERVER if kind != "joined"])
def test_what_the_server_sends_is_an_array_of_known_messages(kind: str) -> None:
    frame = (FOLDER / "examples" / "server" / f"{kind}.json").read_bytes()

    (message,) = msgspec.json.decode(frame, type=list[ServerMessage])

    assert message.__struct_config__.tag == kind


def test_what_a_viewer_hears_first_is_whole() -> None:
    frame = (FOLDER / "examples" / "server" / "joined.json").read_bytes()

    (joined,) = msgspec.json.decode(frame)

    assert joined["type"] == "joined"
    assert msgspec.convert(joined["snapshot"], Snapshot).pinned is not None
    assert msgspec.convert(joined["you"], You).orders[0].status == "awaiting_payment"
    assert [msgspec.convert(line, ChatLine).sender.badges for line in joined["chat"]] == [["buyer"]]


def test_no_example_holds_a_null() -> None:
    for path, text in documents().items():
        if path.parts[0] == "examples":
            assert "null" not in text, path


def test_every_definition_becomes_a_type() -> None:
    text = (FOLDER / "messages.ts").read_text()

    for name in schema()["$defs"]:
        assert f"export interface {name} {{" in text or f"export type {name} =" in text, name


def test_a_body_imports_what_the_socket_declares() -> None:
    text = (FOLDER / "bodies.ts").read_text()

    shared = "ChatLine, OfferView, OrderView, ShowView, Tally"
    assert f'import type {{ {shared} }} from "./messages.ts";' in text
    assert "export interface OfferView" not in text
    assert "export interface OrderList {" in text


def test_a_struct_becomes_an_interface() -> None:
    class Thing(msgspec.Struct, omit_defaults=True):
        """Something ``odd``."""

        name: str
        kind: msgspec.Raw | None = None
        counts: dict[str, int] = {}
        words: list[str | int] = []

    _, definitions = msgspec.json.schema_components([Thing], ref_template="#/$defs/{name}")
    definitions["Thing"]["properties"]["kind"] = {
        "anyOf": [{"enum": ["a", "b"]}, {"type": "null"}],
        "default": None,
    }

    assert declarations(definitions) == (
        "/** Something `odd`. */\n"
        "export interface Thing {\n"
        "  name: string;\n"
        '  kind?: "a" | "b";\n'
        "  counts?: Record<string, number>;\n"
        "  words?: (string | number)[];\n"
        "}\n"
    )


def test_what_typescript_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError, match="no TypeScript is known for"):
        declarations({"Odd": {"not": {"type": "string"}}})


def test_the_openapi_document_is_valid_json_with_every_reference_resolved() -> None:
    document = json.loads((FOLDER / "openapi.json").read_text())
    schemas = document["components"]["schemas"]

    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            own = [node["$ref"]] if "$ref" in node else []
            return own + [each for value in node.values() for each in references(value)]
        return (
            [each for value in node for each in references(value)] if isinstance(node, list) else []
        )

    assert {each.rpartition("/")[2] for each in references(document)} <= set(schemas)


def test_the_asyncapi_document_has_every_message_in_its_direction_with_an_example() -> None:
    api = json.loads((FOLDER / "asyncapi.json").read_text())
    operations, messages = api["operations"], api["components"]["messages"]

    def told(operation: str) -> list[str]:
        refs = [message["$ref"] for message in operations[operation]["messages"]]
        return [messages[ref.rpartition("/")[2]]["name"] for ref in refs]

    assert told("receiveFromViewer") == list(CLIENT)
    assert told("sendToViewer") == list(SERVER)
    assert all(message["examples"] and message["summary"] for message in messages.values())


def test_every_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    api = json.loads((FOLDER / "asyncapi.json").read_text())

    def follow(node: Any) -> int:
        if isinstance(node, list):
            return sum(map(follow, node))
        if not isinstance(node, dict):
            return 0
        if isinstance(ref := node.get("$ref"), str):
            found = api
            for step in ref.removeprefix("#/").split("/"):
                found = found[step]
        return ("$ref" in node) + sum(map(follow, node.values()))

    assert follow(api) > 3 * len(SERVER)


def test_control_events_are_on_the_control_lane() -> None:
    api = json.loads((FOLDER / "asyncapi.json").read_text())
    lanes = {
        message["name"]: message["tags"][0]["name"]
        for title, message in api["components"]["messages"].items()
        if "tags" in message and title != "Say"
    }

    for kind in get_args(ControlEvent):
        assert lanes[kind.__struct_config__.tag] == "control"
    assert (lanes["chat"], lanes["stock"], lanes["placed"]) == ("chat", "latest", "alone")


def test_the_page_for_client_authors_names_every_message_and_every_close_code() -> None:
    page = (FOLDER / "README.md").read_text()

    for kind in {*CLIENT, *SERVER}:
        assert f"`{kind}`" in page, kind
    ends = [end for end in vars(codes).values() if isinstance(end, codes.Disconnect)]
    assert len(ends) > 5
    for end in ends:
        assert str(end.code) in page, end
