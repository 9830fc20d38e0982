"""
Both SDKs make the same room of the same messages, and have the same words for what one can say.

The golden frames drive both: each alone, and any sequence of them with ids, versions, reasons and
states exchanged, as no server would send them.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from clients.build import CLIENTS, install, npm
from liveshop_client import Room
from liveshop_client.state import RoomState
from tests.clients.golden import PROTOCOL, SERVER_TYPES, schema, server_message

PROGRAM: Final = Path(__file__).with_name("parity.mjs")
BUILD_S: Final = 60
ID: Final = re.compile(r"^(ofr|ord|hld|acc|shp)_\w+")
NOUNS: Final = (
    frozenset({"ofr"}),
    frozenset({"ord", "hld"}),
    frozenset({"acc"}),
    frozenset({"shp"}),
)
"""What there may be another one of; an order has one hold."""

SMALL: Final = ("version", "left", "at", "place", "entrants", "called", "viewers", "likes")
"""Numbers that say which of two is newer, or how many."""


class JavaScript:
    """The other SDK, in a process that answers."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def state(self, messages: list[dict[str, Any]]) -> dict[str, Any]:
        """Return the room after these messages."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(messages) + "\n")
        self._process.stdin.flush()
        state: dict[str, Any] = json.loads(self._process.stdout.readline())
        return state


@pytest.fixture(scope="module")
def javascript(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JavaScript]:
    built = tmp_path_factory.mktemp("sdk")
    command = npm()
    install(command)
    vite = ("exec", "--silent", "--", "vite", "build", "--config", "js/vite.config.ts")
    subprocess.run(
        [*command, *vite, "--logLevel", "error", "--outDir", str(built)],
        cwd=CLIENTS,
        check=True,
        timeout=BUILD_S,
    )
    # Modules, whatever a package.json above the folder says.
    (built / "package.json").write_text('{"type": "module"}')
    with subprocess.Popen(
        ["node", str(PROGRAM), str(built / "index.js")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield JavaScript(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()


def python_state(messages: list[dict[str, Any]]) -> RoomState:
    state = RoomState()
    for message in messages:
        state.apply(message)
    return state


ALIKE: Final = (
    *("you", "show", "pinned", "coupon", "viewers", "likes", "people", "arrivals", "comment"),
    *("slow_s", "audience", "lines", "tally", "notice"),
)
"""What both call and keep alike; the rest is a list in one and by id in the other."""


def room_of_python(state: RoomState) -> dict[str, Any]:
    queues = {
        offer: {
            **state.queues.get(offer, {"entrants": 0, "called": 0}),
            "mine": state.queued.get(offer),
        }
        for offer in {*state.queues, *state.queued}
    }
    return {
        **{name: getattr(state, name) for name in ALIKE},
        "offers": state.offers,
        "chat": list(state.chat.values()),
        "orders": state.orders,
        "queues": of_which_something_is_known(queues),
    }


def room_of_javascript(state: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: state[name] for name in ALIKE},
        "offers": {offer["id"]: offer for offer in state["offers"]},
        "chat": state["chat"],
        "orders": {order["id"]: order for order in state["orders"]},
        "queues": of_which_something_is_known(state["queues"]),
    }


def of_which_something_is_known(queues: dict[str, Any]) -> dict[str, Any]:
    """Return the queues of which something is known; the others are none."""
    return {
        offer: queue
        for offer, queue in queues.items()
        if any(queue[field] for field in ("entrants", "called", "mine"))
    }


def held_by(state: dict[str, Any]) -> set[str]:
    """Return the holds without an order that the JavaScript SDK knows: the last of each offer."""
    tries = state["attempts"].values()
    return {each["hold"] for each in tries if each["phase"] == "reserved"}


@pytest.mark.parametrize("kind", SERVER_TYPES)
@pytest.mark.parametrize("before", [(), ("joined",), ("joined", "placed"), ("joined", "entered")])
def test_every_message_makes_the_same_room_in_both(
    javascript: JavaScript, kind: str, before: tuple[str, ...]
) -> None:
    messages = [server_message(each) for each in (*before, kind, kind)]
    theirs = javascript.state(messages)

    ours = python_state(messages)

    assert room_of_python(ours) == room_of_javascript(theirs)
    assert held_by(theirs) <= set(ours.holds)


def choices(name: str, field: str) -> list[str]:
    """Return the words that the schema allows in a field."""
    words: list[str] = schema()[name]["properties"][field]["enum"]
    return sorted(words)


REASONS: Final = {"released": "Released", "refused": "Refused"}


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    kind = draw(st.sampled_from(SERVER_TYPES))
    message: dict[str, Any] = json.loads(json.dumps(server_message(kind)))
    # What one greeting lists is all different, and stays so.
    others = draw(st.sets(st.sampled_from(NOUNS))) if kind != "joined" else set()
    message = _varied(draw, message, frozenset().union(*others))
    if kind in REASONS:
        message["reason"] = draw(st.sampled_from(choices(REASONS[kind], "reason")))
    if kind in ("placed", "paid", "refunded"):
        message["order"]["status"] = draw(st.sampled_from(choices("OrderView", "status")))
    if kind == "offer":
        message["offer"]["state"] = draw(st.sampled_from(choices("OfferView", "state")))
    if kind == "joined" and draw(st.booleans()):
        message.pop("snapshot", None)
    return message


def _varied(draw: st.DrawFn, value: Any, others: frozenset[str], name: str = "") -> Any:
    if isinstance(value, dict):
        return {key: _varied(draw, each, others, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_varied(draw, each, others, name) for each in value]
    if isinstance(value, int) and name in SMALL:
        return draw(st.integers(min_value=0, max_value=9))
    if isinstance(value, str) and (found := ID.match(value)) and found[1] in others:
        return ID.sub(f"{found[1]}_other", value)
    return value


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(said=st.lists(messages(), max_size=12))
def test_any_sequence_makes_the_same_room_in_both(
    javascript: JavaScript, said: list[dict[str, Any]]
) -> None:
    theirs = javascript.state(said)

    ours = python_state(said)

    assert room_of_python(ours) == room_of_javascript(theirs)


SAYS: Final = {
    "chat": "say",
    "like": "like",
    "reserve": "reserve",
    "wait": "wait",
    "unwait": "unwait",
    "enter": "enter",
    "click": "click",
    # Said by the SDK itself: whoever comes in, and whoever stays.
    "join": None,
    "ping": None,
}
"""The method with which each message is sent."""


def test_both_have_a_method_for_every_message_a_client_may_send() -> None:
    kinds = {path.stem for path in (PROTOCOL / "examples" / "client").glob("*.json")}
    assert kinds == set(SAYS)

    written = (CLIENTS / "js" / "src" / "client.ts").read_text()
    interface = written.partition("export interface Room {")[2].partition("\n}\n")[0]
    theirs = set(re.findall(r"^  (\w+)\(", interface, re.MULTILINE))
    for method in filter(None, SAYS.values()):
        assert method in theirs
        assert callable(getattr(Room, method, None)), method


def test_what_both_sdks_have_is_in_files_of_the_same_name() -> None:
    ours = {path.stem for path in (CLIENTS / "python" / "liveshop_client").glob("[!_]*.py")}
    theirs = {path.stem for path in (CLIENTS / "js" / "src").glob("*.ts")}

    # A loop needs an inbox, and only Python's SDK brings the HTTP interface.
    assert ours - theirs == {"api", "inbox"}
    # A page needs ids, the tries behind a button, and video; Python keeps lines in `state`.
    assert theirs - ours == {
        *("attempts", "ids", "index", "queue", "waitlist"),
        *("call", "cues", "health", "line", "replay", "video", "ways", "whep", "whip"),
    }
