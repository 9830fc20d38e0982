from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, strategies as st

from liveshop_client.state import CHAT_LINES, RoomState
from tests.clients.golden import SERVER_TYPES, server_message

JOINED = server_message("joined")
FLASH = "ofr_01h8xg9f6g7h8j9k"
ORDER = "ord_01h8xgb2m3n4p5q6"
HOLD = "hld_01h8xgb1k2j3h4g5"


def entered() -> RoomState:
    state = RoomState()
    state.apply(deepcopy(JOINED))
    return state


def line(number: int) -> dict[str, Any]:
    sender = {"id": "acc_1", "name": "Ada"}
    return {"type": "chat", "id": f"acc_1.{number}", "from": sender, "text": "hi", "at": number}


def reserved(hold: str) -> dict[str, Any]:
    return {**server_message("reserved"), "hold": hold}


def test_entering_shows_the_whole_snapshot() -> None:
    state = entered()

    snapshot = JOINED["snapshot"]
    assert state.show == snapshot["show"]
    assert list(state.offers.values()) == snapshot["offers"]
    assert (state.viewers, state.likes) == (snapshot["viewers"], snapshot["likes"])
    assert state.pinned == snapshot["pinned"]
    assert state.pinned_offer == state.offers[snapshot["pinned"]]
    assert list(state.chat.values()) == JOINED["chat"]
    assert state.orders[ORDER]["status"] == "awaiting_payment"


@pytest.mark.parametrize("kind", SERVER_TYPES)
def test_every_golden_frame_can_be_applied(kind: str) -> None:
    entered().apply(server_message(kind))


def test_a_message_of_an_unknown_type_changes_nothing() -> None:
    state = entered()

    state.apply({"type": "confetti", "offset": 43})

    assert state == entered()


@given(st.permutations(range(1, 7)))
def test_stock_ends_at_the_highest_version_in_whatever_order_ticks_arrive(
    versions: list[int],
) -> None:
    state = entered()
    first = state.offers[FLASH]["version"]

    for version in versions:
        tick = {"type": "stock", "offer": FLASH, "left": 20 - version, "version": first + version}
        state.apply(tick)

    assert state.offers[FLASH]["left"] == 14
    assert state.offers[FLASH]["version"] == first + 6


def test_an_offer_event_does_not_undo_a_newer_stock_tick() -> None:
    state = entered()
    before = dict(state.offers[FLASH])
    version = state.offers[FLASH]["version"]

    state.apply({"type": "stock", "offer": FLASH, "left": 3, "version": version + 9})
    state.apply({"type": "offer", "offer": {**before, "state": "closed"}, "offset": 43})

    offer = state.offers[FLASH]
    assert (offer["state"], offer["left"], offer["version"]) == ("closed", 3, version + 9)


def test_stock_of_an_offer_nobody_announced_is_ignored() -> None:
    state = entered()

    state.apply({"type": "stock", "offer": "ofr_other", "left": 1, "version": 1})

    assert state == entered()


def test_pinning_and_unpinning() -> None:
    state = entered()

    state.apply({"type": "pinned", "offer": FLASH, "offset": 43})
    assert state.pinned == FLASH

    state.apply({"type": "unpinned", "offset": 44})
    assert state.pinned is None
    assert state.pinned_offer is None


def test_chat_is_merged_by_id_and_keeps_the_last_lines() -> None:
    state = RoomState()

    for number in range(CHAT_LINES + 5):
        state.apply(line(number))
        state.apply(line(number))

    assert [said["at"] for said in state.chat.values()] == list(range(5, CHAT_LINES + 5))


def test_a_removed_line_is_gone() -> None:
    state = RoomState()
    state.apply(line(1))
    state.apply(line(2))

    state.apply({"type": "chat_removed", "id": "acc_1.1", "offset": 1})

    assert list(state.chat) == ["acc_1.2"]


def test_every_line_of_a_cleared_sender_is_gone() -> None:
    room = entered()
    for number in (1, 2):
        room.apply({**line(number), "from": {"id": "troll", "name": "T"}})
    room.apply(line(3))
    room.apply({"type": "chat_cleared", "sender": "troll", "offset": 43})

    assert line(3)["id"] in room.chat
    assert all(said["from"]["id"] != "troll" for said in room.chat.values())


def test_what_was_taken_away_while_nobody_listened_is_gone() -> None:
    room = RoomState()
    for number in (1, 2, 3):
        room.apply({**line(number), "at": number})
    joined = server_message("joined")
    room.apply({**joined, "chat": [{**line(2), "at": 2}, {**line(4), "at": 4}]})

    assert list(room.chat) == [line(number)["id"] for number in (1, 2, 4)]


def test_the_line_above_the_chat_and_its_mode_are_as_the_last_word_says() -> None:
    room = entered()
    room.apply({"type": "chat_mode", "slow_s": 5, "audience": "buyers", "offset": 43})
    room.apply({"type": "comment_pinned", "line": line(1), "offset": 44})
    held = (room.slow_s, room.audience, room.comment)
    room.apply({"type": "chat_mode", "offset": 45})
    room.apply({"type": "comment_unpinned", "offset": 46})

    assert held == (5, "buyers", line(1))
    assert (room.slow_s, room.audience, room.comment) == (0, "everyone", None)


def test_a_hold_becomes_an_order_that_is_paid() -> None:
    state = RoomState()
    order = server_message("placed")["order"]

    state.apply(reserved(order["hold"]))
    assert state.holds.keys() == {order["hold"]}
    assert state.order_of(order["hold"]) is None

    state.apply(server_message("placed"))
    assert state.holds == {}
    assert state.order_of(order["hold"]) == order

    state.apply({"type": "paid", "order": {**order, "status": "paid"}})
    assert state.orders[order["id"]]["status"] == "paid"

    state.apply(server_message("refunded"))
    assert state.orders[order["id"]]["refunded_minor"] == 300


def test_an_order_that_was_placed_before_its_reservation_was_heard_leaves_no_hold() -> None:
    state = RoomState()

    state.apply(server_message("placed"))
    state.apply(reserved(server_message("placed")["order"]["hold"]))

    assert state.holds == {}


@pytest.mark.parametrize("reason", ["lapsed", "cancelled", "refunded"])
def test_a_released_order_says_why(reason: str) -> None:
    state = entered()

    state.apply({**server_message("released"), "order": ORDER, "hold": HOLD, "reason": reason})

    assert state.orders[ORDER]["status"] == reason


def test_who_was_beaten_sees_that_their_money_comes_back() -> None:
    state = entered()
    beaten = {"order": ORDER, "hold": HOLD, "reason": "sold_out"}
    news = {**server_message("released"), **beaten, "money_back": False}

    state.apply(news)
    assert state.orders[ORDER]["status"] == "sold_out"
    assert "money_back" not in state.orders[ORDER]
    state.apply({**news, "money_back": True})

    assert state.orders[ORDER]["money_back"]


def test_a_hold_that_could_not_be_kept_is_gone() -> None:
    state = RoomState()
    state.apply(reserved("hld_1"))

    state.apply({"type": "released", "hold": "hld_1", "offer": FLASH, "reason": "sold_out"})

    assert state.holds == {}
    assert state.orders == {}


def test_coming_back_finds_the_order_that_was_placed_meanwhile() -> None:
    state = RoomState()
    state.apply(reserved(HOLD))

    state.apply(deepcopy({**JOINED, "recovered": True, "snapshot": None}))

    assert state.holds == {}
    assert state.orders.keys() == {ORDER}


def test_the_events_after_a_snapshot_give_what_a_later_snapshot_says() -> None:
    followed = entered()
    offer = {**server_message("offer")["offer"], "id": "ofr_new"}
    show = {**JOINED["snapshot"]["show"], "state": "ended"}
    for event in (
        {"type": "offer", "offer": offer, "offset": 43},
        {"type": "pinned", "offer": "ofr_new", "offset": 44},
        {"type": "pulse", "viewers": 9, "likes": 99},
        {"type": "show", "show": show, "offset": 45},
    ):
        followed.apply(event)

    fresh = RoomState()
    later = deepcopy(JOINED)
    later["snapshot"].update(show=show, pinned="ofr_new", viewers=9, likes=99)
    later["snapshot"]["offers"].append(offer)
    fresh.apply(later)

    assert followed == fresh


def test_what_is_taken_away_is_quoted_no_more_and_the_replies_stay() -> None:
    reply = server_message("chat")
    answered, asker = reply["reply_to"], reply["quote"]["from"]["id"]
    other = {**line(3), "reply_to": "acc_9.1", "quote": {"from": {"id": "acc_9"}, "text": "x"}}
    unquoted = {name: value for name, value in reply.items() if name != "quote"}
    for removal in (
        {"type": "chat_removed", "id": answered, "offset": 47},
        {"type": "chat_cleared", "sender": asker, "offset": 47},
    ):
        state = entered()
        state.apply(reply)
        state.apply(other)
        state.apply(removal)
        assert list(state.chat.values()) == [unquoted, other]
