import asyncio
from typing import Any

import msgspec
from hypothesis import given, settings, strategies as st

from rooms.brokers import KEPT_CHAT_LINES, KNOWN_CHAT_LINES, Line, Past
from rooms.brokers.memory import MemoryBroker
from rooms.history import Position
from rooms.messages import ChatCleared, ChatLine, ChatRemoved, Excerpt, Sender
from rooms.quotes import EXCERPT_CHARACTERS, excerpt
from rooms.removal import Removal
from tests.rooms.test_fanout import Loop, arrive, opened

encode = msgspec.json.encode
BEN = Sender(id="ben", name="Ben", badges=["buyer"])


def line(id: str, text: str = "hi", reply_to: str | None = None) -> ChatLine:
    sender = Sender(id=id.partition(".")[0], name="x")
    return ChatLine(id=id, sender=sender, text=text, at=1, reply_to=reply_to)


def said(id: str, text: str = "hi", reply_to: str | None = None) -> Line:
    return Line(id.partition(".")[0], encode(line(id, text, reply_to)))


def test_a_reply_quotes_the_line_it_answers_and_not_what_that_one_quotes() -> None:
    loop = Loop()
    room = opened(loop)
    ann = arrive(room)
    asked = ChatLine(id="ben.1", sender=BEN, text="how big is it?", at=1)
    room.chat(Line("ben", encode(asked)))
    loop.drain()
    room.chat(said("cy.1", "two litres", "ben.1"))
    room.chat(said("dan.1", "thanks", "cy.1"))
    loop.drain()

    quotes = [message.get("quote") for message in ann.heard[1:]]
    assert quotes == [
        None,
        {"from": {"id": "ben", "name": "Ben", "badges": ["buyer"]}, "text": "how big is it?"},
        {"from": {"id": "cy", "name": "x"}, "text": "two litres"},
    ]


def test_a_reply_to_a_line_that_nobody_knows_is_said_without_a_quote() -> None:
    loop = Loop()
    room = opened(loop)
    ann = arrive(room)
    room.chat(said("cy.1", "me too", "ben.404"))
    loop.drain()

    assert ann.heard[1:] == [msgspec.to_builtins(line("cy.1", "me too", "ben.404"))]


def test_words_that_look_like_a_reply_are_words() -> None:
    loop = Loop()
    room = opened(loop)
    ann = arrive(room)
    words = '","reply_to":"ben.1","quote":{"text":"'
    room.chat(said("ben.1", "hello"))
    room.chat(said("cy.1", words))
    loop.drain()

    assert ann.heard[2] == msgspec.to_builtins(line("cy.1", words))


def test_a_line_that_is_left_out_is_shown_to_its_speaker_with_its_quote() -> None:
    loop = Loop()
    room = opened(loop, lines_a_second=0.5)
    cy = arrive(room, "cy")
    room.chat(said("ben.1", "hello"))
    room.chat(said("cy.1", "hello you", "ben.1"))
    loop.drain()

    quotes = {message["id"]: message.get("quote") for message in cy.heard[1:] if "id" in message}
    assert quotes == {"ben.1": None, "cy.1": {"from": {"id": "ben", "name": "x"}, "text": "hello"}}


def test_a_room_that_opens_quotes_what_it_is_given() -> None:
    room = opened(Loop())
    past = [encode(line("ben.1", "hello")), encode(line("cy.1", "hello you", "ben.1"))]
    room.reset(Past(Position("e2", 0), [], past))

    lines = msgspec.json.decode(b"[" + room.tail.shared.text + b"]", type=list[ChatLine])
    assert [each.quote for each in lines] == [
        None,
        Excerpt(sender=Sender(id="ben", name="x"), text="hello"),
    ]


def test_replies_reach_further_back_than_what_newcomers_are_given() -> None:
    loop = Loop()
    room = opened(loop)
    for number in range(KNOWN_CHAT_LINES):
        room.chat(said(f"ben.{number}", f"word {number}"))
    loop.drain()
    ann = arrive(room)
    room.chat(said("cy.1", "that", "ben.0"))
    loop.drain()

    assert ann.heard[1]["quote"]["text"] == "word 0"
    assert room.tail.shared.text.count(b'"type":"chat"') == KEPT_CHAT_LINES


def test_an_excerpt_is_short_and_cuts_no_character_in_two() -> None:
    assert excerpt("x" * EXCERPT_CHARACTERS) == "x" * EXCERPT_CHARACTERS
    assert excerpt("x" * 300) == "x" * (EXCERPT_CHARACTERS - 1) + "…"
    family = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
    assert excerpt("x" * 77 + family + "y" * 9) == "x" * 77 + "…"
    assert excerpt("x" * 78 + "e\u0301" + "y" * 9) == "x" * 78 + "…"


speakers = st.sampled_from(["ann", "ben", "cy"])
deeds = st.one_of(
    st.tuples(st.just("say"), speakers, st.none() | st.integers(0, 30)),
    st.tuples(st.just("say"), speakers, st.integers(0, 30)),
    st.tuples(st.just("remove"), st.integers(0, 30)),
    st.tuples(st.just("clear"), speakers),
    st.tuples(st.just("pass")),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(deeds, max_size=40))
def test_the_words_of_a_line_that_was_taken_away_are_nowhere_in_what_late_comers_get(
    evening: list[tuple[Any, ...]],
) -> None:
    asyncio.run(_spend(evening))


async def _spend(evening: list[tuple[Any, ...]]) -> None:
    loop, broker = Loop(), MemoryBroker()
    early, lines = opened(loop), list[ChatLine]()
    gone: set[str] = set()
    await broker.open("tea", early)
    for deed in evening:
        match deed:
            case ("say", speaker, answered):
                number = len(lines)
                reply_to = None if answered is None or not lines else lines[answered % number].id
                lines.append(line(f"{speaker}.{number}", f"word-{number}-", reply_to))
                await broker.say("tea", Line(speaker, encode(lines[-1])))
            case ("remove", number) if lines:
                removed = lines[number % len(lines)].id
                gone.add(removed)
                await broker.forget("tea", Removal(line=removed))
                await broker.publish("tea", encode(ChatRemoved(id=removed)))
            case ("clear", speaker):
                gone |= {each.id for each in lines if each.sender.id == speaker}
                await broker.forget("tea", Removal(sender=speaker))
                await broker.publish("tea", encode(ChatCleared(sender=speaker)))
            case _:
                loop.drain()
    loop.drain()
    late = opened(loop)
    await broker.open("tea", late)

    for room in (early, late):
        given_out = room.tail.shared.text
        told = msgspec.json.decode(b"[" + given_out + b"]", type=list[ChatLine])
        assert [each.text for each in told] == [each.text for each in lines if each.id not in gone]
        for each in lines:
            assert each.id not in gone or each.text.encode() not in given_out
        words = {each.id: each.text for each in lines}
        for each in told:
            answered = each.reply_to is not None and each.reply_to not in gone
            assert (each.quote is not None) == answered
            assert each.quote is None or each.quote.text == words[each.reply_to or ""]
