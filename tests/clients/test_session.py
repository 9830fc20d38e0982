from typing import Any

import pytest

from liveshop_client.errors import JoinRefused, RoomEnded
from liveshop_client.recovery import Position
from liveshop_client.session import (
    FIRST_PINGS,
    PING_MS,
    STABLE_MS,
    Abandon,
    Deliver,
    End,
    Hangup,
    Phase,
    Reconnect,
    Send,
    Session,
    Settle,
)
from tests.clients.golden import client_message, schema, server_message

JOINED = server_message("joined")
GOING_AWAY = 3001
NOT_ADMITTED = 3501


def notice(offset: int) -> dict[str, Any]:
    return {"type": "notice", "text": f"number {offset}", "offset": offset}


def live() -> Session:
    session = Session("tea-time", "token")
    session.opened(0)
    session.received([JOINED], now=0)
    return session


def test_the_first_message_asks_to_enter() -> None:
    session = Session("tea-time", "secret")

    assert session.opened(0) == [Send({"type": "join", "room": "tea-time", "token": "secret"})]
    assert session.phase is Phase.JOINING


def test_someone_without_a_token_just_looks() -> None:
    assert Session("tea-time").opened(0) == [Send({"type": "join", "room": "tea-time"})]


def test_entering_sets_the_position_and_asks_for_the_time_at_once() -> None:
    session = live()

    assert session.phase is Phase.LIVE
    assert session.position == Position("b7f3", 42)
    assert session.reconnects == 0
    assert session.ping_at == PING_MS


def test_everything_sent_is_in_the_schema() -> None:
    session = Session("tea-time", "token", device="k3v9-q1d8-w7z2")
    sent = [*session.opened(0), *session.received([JOINED], now=5.5)]
    sent += session.say("1", "hi")
    sent += session.like(3)
    sent += session.reserve("r1", "ofr_1", 2, fresh=True)
    sent += session.wait("w1", "ofr_1", 2)
    sent += session.unwait("u1", "ofr_1")
    sent += session.lost(GOING_AWAY, "", now=6, draw=0)
    sent += session.opened(0)

    messages = [effect.message for effect in sent if isinstance(effect, Send)]

    names = {
        "join": "Join",
        "chat": "Say",
        "like": "Like",
        "ping": "Ping",
        "reserve": "Reserve",
        "wait": "Wait",
        "unwait": "Unwait",
    }
    assert {message["type"] for message in messages} == set(names)
    for message in messages:
        declared = schema()[names[message["type"]]]
        assert message.keys() <= declared["properties"].keys()
        assert message.keys() >= set(declared["required"])
    assert messages[-1] == client_message("join") | {
        "token": "token",
        "since": {"epoch": "b7f3", "offset": 42},
    }
    assert all(type(message["at"]) is int for message in messages if message["type"] == "ping")


def test_the_time_is_known_from_the_moment_of_entering() -> None:
    session = Session("tea-time")
    session.opened(now=1_000)

    session.received([{**JOINED, "at": 51_100}], now=1_200)

    assert session.clock.now(1_200) == 51_200
    assert session.clock.uncertainty_ms == 100


def test_a_pong_sets_the_clock_and_bothers_nobody() -> None:
    session = Session("tea-time")
    session.opened(now=0)
    session.received([{**JOINED, "at": 10_001}], now=60)

    pong = {"type": "pong", "id": 1, "at": 100, "server_at": 10_105}
    assert session.received([pong], now=110) == []

    assert session.clock.now(200) == 10_200


def test_pings_go_out_when_they_are_due_and_not_before() -> None:
    session = live()

    assert session.tick(PING_MS - 1) == []
    assert session.tick(PING_MS) == [Send({"type": "ping", "id": FIRST_PINGS + 1, "at": PING_MS})]
    assert session.ping_at == 2 * PING_MS


def test_control_events_are_applied_in_order_and_once() -> None:
    session = live()

    effects = session.received([notice(42), notice(43), notice(43), notice(44)], now=1)

    assert effects == [Deliver(notice(43)), Deliver(notice(44))]
    assert session.position == Position("b7f3", 44)
    assert session.gaps == 0


def test_a_gap_ends_the_connection_and_the_next_one_resumes_before_it() -> None:
    session = live()

    effects = session.received([notice(43), notice(45), notice(46)], now=1)

    assert effects == [Deliver(notice(43)), Hangup()]
    assert session.gaps == 1
    assert session.position == Position("b7f3", 43)
    session.lost(1006, "", now=2, draw=0)
    (join,) = session.opened(0)
    assert isinstance(join, Send)
    assert join.message["since"] == {"epoch": "b7f3", "offset": 43}


def test_a_control_event_of_an_unknown_type_moves_the_position() -> None:
    session = live()
    unknown = {"type": "confetti", "offset": 43}

    assert session.received([unknown, notice(44)], now=1) == [
        Deliver(unknown),
        Deliver(notice(44)),
    ]
    assert session.gaps == 0


def test_what_was_missed_follows_the_join_in_the_same_frame() -> None:
    session = live()
    session.lost(GOING_AWAY, "", now=1, draw=0)
    session.opened(0)
    back = {**JOINED, "recovered": True}
    del back["snapshot"]

    effects = session.received([back, notice(43), notice(44)], now=2)

    assert [effect for effect in effects if isinstance(effect, Deliver)] == [
        Deliver(back),
        Deliver(notice(43)),
        Deliver(notice(44)),
    ]
    assert session.position == Position("b7f3", 44)
    assert (session.gaps, session.reconnects) == (0, 1)


def test_a_new_epoch_starts_again_from_its_snapshot() -> None:
    session = live()
    session.lost(GOING_AWAY, "", now=1, draw=0)
    session.opened(0)

    session.received([{**JOINED, "epoch": "c001", "offset": 3}, notice(4)], now=2)

    assert session.position == Position("c001", 4)
    assert session.gaps == 0


def test_a_reservation_is_sent_again_with_its_id_until_it_is_answered() -> None:
    session = live()
    attempt = Send({"type": "reserve", "id": "r1", "offer": "ofr_1", "quantity": 1})
    assert session.reserve("r1", "ofr_1", 1) == [attempt]

    session.lost(GOING_AWAY, "", now=1, draw=0)
    session.opened(0)
    assert attempt in session.received([JOINED], now=2)
    answer = {**server_message("reserved"), "to": "r1"}
    assert session.received([answer], now=3) == [Settle("r1", answer), Deliver(answer)]

    session.lost(GOING_AWAY, "", now=4, draw=0)
    session.opened(0)
    assert attempt not in session.received([JOINED], now=5)


def test_only_the_first_sending_of_a_new_id_is_fresh() -> None:
    session = live()
    attempt = {"type": "reserve", "id": "r1", "offer": "ofr_1", "quantity": 1}
    assert session.reserve("r1", "ofr_1", 1, fresh=True) == [Send({**attempt, "fresh": True})]

    session.lost(GOING_AWAY, "", now=1, draw=0)
    session.opened(0)
    assert Send(attempt) in session.received([JOINED], now=2)


def test_a_place_is_asked_for_until_there_is_an_answer_and_ends_with_the_turn() -> None:
    session = live()
    asked = Send({"type": "wait", "id": "w1", "offer": "ofr_1", "quantity": 2})
    assert session.wait("w1", "ofr_1", 2) == [asked]
    session.lost(GOING_AWAY, "", now=1, draw=0)
    session.opened(0)
    assert asked in session.received([JOINED], now=2)

    answer = {"type": "waiting", "to": "w1", "offer": "ofr_1", "place": 4, "quantity": 2}
    assert session.received([answer], now=3) == [Settle("w1", answer), Deliver(answer)]
    assert session.state.lines["ofr_1"] == {"offer": "ofr_1", "place": 4, "quantity": 2}
    turn = {**server_message("reserved"), "offer": "ofr_1", "waited": True}
    del turn["to"]
    assert session.received([turn], now=4) == [Deliver(turn)]
    assert "ofr_1" not in session.state.lines
    # The order of the example is among those of the viewer already.
    assert turn["hold"] not in session.state.holds


def test_a_reservation_made_while_away_is_sent_on_return() -> None:
    session = live()
    session.lost(GOING_AWAY, "", now=1, draw=0)

    assert session.reserve("r1", "ofr_1", 2) == []

    session.opened(0)
    assert session.received([JOINED], now=2)[-1] == Send(
        {"type": "reserve", "id": "r1", "offer": "ofr_1", "quantity": 2}
    )


def test_a_chat_line_is_never_sent_twice() -> None:
    session = live()
    session.say("1", "hi")

    assert session.lost(GOING_AWAY, "", now=1, draw=0.5) == [Abandon("1"), Reconnect(0.25)]

    session.opened(0)
    again = session.received([JOINED], now=2)
    assert not any(
        isinstance(effect, Send) and effect.message["type"] == "chat" for effect in again
    )


def test_nothing_is_said_while_away() -> None:
    session = Session("tea-time")

    assert session.say("1", "hi") == [Abandon("1")]
    assert session.like(1) == []


def test_waits_grow_until_a_connection_holds() -> None:
    session = live()

    assert session.lost(1006, "", now=STABLE_MS - 1, draw=1) == [Reconnect(0.5)]
    session.opened(0)
    assert session.lost(1006, "", now=STABLE_MS, draw=1) == [Reconnect(1.0)]
    session.opened(0)
    session.received([JOINED], now=20_000)
    assert session.lost(1006, "", now=20_000 + STABLE_MS, draw=1) == [Reconnect(0.5)]


def test_the_wait_that_the_server_asks_for_wins() -> None:
    session = Session("tea-time")
    session.opened(0)
    busy = {"type": "error", "code": "unavailable", "detail": "busy", "retry_after_ms": 7000}

    session.received([busy], now=0)

    assert session.lost(3013, "", now=1, draw=0.1) == [Reconnect(7.0)]


def test_an_old_complaint_does_not_decide_a_later_wait() -> None:
    session = live()
    busy = {"type": "error", "code": "rate_limited", "detail": "slower", "retry_after_ms": 7000}

    session.received([busy, notice(43)], now=0)

    assert session.lost(GOING_AWAY, "", now=1, draw=0) == [Reconnect(0.0)]


def test_a_room_that_will_not_have_the_viewer_says_why() -> None:
    session = Session("nowhere")
    session.opened(0)
    refusal = {"type": "error", "code": "unknown_show", "detail": "there is no show nowhere"}
    session.received([refusal], now=0)

    (end,) = session.lost(NOT_ADMITTED, "the room does not admit you", now=1, draw=0)

    assert isinstance(end, End)
    assert isinstance(end.error, JoinRefused)
    assert (end.error.code, end.error.detail) == ("unknown_show", "there is no show nowhere")
    assert session.phase is Phase.ENDED


@pytest.mark.parametrize("code", [1003, 1007, 1009, 3500, 3999])
def test_a_final_code_ends_the_conversation(code: int) -> None:
    (end,) = live().lost(code, "enough", now=1, draw=0)

    assert isinstance(end, End)
    assert isinstance(end.error, RoomEnded)
    assert end.error.detail == "enough"


@pytest.mark.parametrize("code", [1000, 1001, 1006, 1011, 1012, 3000, 3008, 3499, 4000])
def test_any_other_code_means_come_back(code: int) -> None:
    assert live().lost(code, "", now=1, draw=0) == [Reconnect(0.0)]


def test_after_leaving_nothing_happens_any_more() -> None:
    session = live()

    session.leave()

    assert session.lost(1006, "", now=1, draw=0) == []
    assert session.tick(10 * PING_MS) == []
