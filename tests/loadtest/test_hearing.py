"""What a frame tells, without decoding it."""

import json
import zlib
from typing import Any

from loadtest.hearing import Heard, inflated


def frame(*messages: dict[str, Any]) -> bytes:
    return json.dumps(messages, separators=(",", ":"), ensure_ascii=False).encode()


def line(text: str) -> dict[str, Any]:
    return {"type": "chat", "id": "a.1", "from": {"id": "a", "name": "Ann"}, "text": text, "at": 1}


def test_events_lines_and_stamps_are_found_in_one_frame() -> None:
    heard = Heard(
        frame(
            {"offset": 7, "type": "notice", "text": "~41 hello"},
            {"offset": 8, "type": "pinned", "offer": "ofr_1"},
            line("~42 hi"),
            line("no stamp"),
            {"type": "skipped", "chat": 12},
            {"type": "pulse", "viewers": 3, "likes": 4},
        )
    )

    assert (heard.offsets, heard.first, heard.last, heard.torn) == ((7, 8), 7, 8, False)
    assert (heard.lines, heard.skipped) == (2, 12)
    assert heard.stamps == (41, 42)
    assert heard.is_everyones


def test_events_that_do_not_follow_each_other_are_torn() -> None:
    assert Heard(frame({"offset": 7, "type": "a"}, {"offset": 9, "type": "b"})).torn
    assert Heard(frame({"offset": 7, "type": "a"}, {"offset": 7, "type": "b"})).torn


def test_what_a_person_writes_is_never_taken_for_an_event() -> None:
    heard = Heard(frame(line('{"offset":9,"type":"pinned"} {"type":"chat",')))

    assert (heard.offsets, heard.lines) == ((), 1)


def test_a_hold_is_found_where_it_is_given_and_where_it_is_an_order() -> None:
    order = {"id": "ord_1", "show": "tea", "offer": "ofr_1", "hold": "hld_1", "title": '"hold":"x"'}
    given = {"type": "reserved", "to": "r1", "offer": "ofr_1", "hold": "hld_2", "quantity": 1}
    heard = Heard(frame({"type": "placed", "order": order}, given))

    assert heard.holds == (("placed", "hld_1"), ("reserved", "hld_2"))
    assert not heard.is_everyones


def test_a_greeting_says_where_to_stand_and_repeats_only_old_lines() -> None:
    joined = {"type": "joined", "room": "tea", "you": {}, "epoch": "e1", "offset": 5, "at": 1}
    chat = [line("~1 old")]

    fresh = Heard(frame({**joined, "chat": chat, "snapshot": {"offers": []}}))
    back = Heard(frame({**joined, "chat": chat, "recovered": True}, {"offset": 6, "type": "show"}))

    assert fresh.greeting is not None
    assert back.greeting is not None
    assert (fresh.greeting.epoch, fresh.greeting.offset, fresh.greeting.recovered) == (
        "e1",
        5,
        False,
    )
    assert back.greeting.recovered
    assert back.offsets == (6,)
    assert (back.lines, back.stamps) == (0, ())
    assert not back.is_everyones


def test_answers_say_to_what_and_why_not() -> None:
    heard = Heard(
        frame(
            {"type": "ok", "to": "l1"},
            {"type": "reserved", "to": "r1", "offer": "o", "hold": "h"},
            {"type": "refused", "to": "r2", "offer": "o", "reason": "sold_out"},
            {"type": "error", "code": "rate_limited", "detail": "slower, please", "to": "l2"},
        )
    )

    assert heard.answers == (("ok", "l1"), ("reserved", "r1"), ("refused", "r2"))
    assert heard.reasons == ("sold_out", "rate_limited")
    assert not heard.is_everyones


def test_a_message_that_was_compressed_alone_is_read() -> None:
    press = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    packed = press.compress(frame(line("~7 hi"))) + press.flush(zlib.Z_SYNC_FLUSH)

    assert Heard(inflated(packed.removesuffix(b"\x00\x00\xff\xff"))).stamps == (7,)
