import pytest

from live.wire import decode_client_message
from rooms.application import Identity
from rooms.codes import FLOOD, MISUSE
from rooms.messages import ChatLine, Error, Join, Like, Ok, Ping, Pong, Say, Sender
from rooms.session import (
    UNDECODABLE,
    Allowances,
    Applaud,
    Close,
    Enter,
    Forward,
    Nothing,
    Phase,
    Post,
    Reply,
    Session,
    undecodable,
)

ANN = Identity(id="ann", name="Ann", badges=("buyer",))


def live(identity: Identity = ANN) -> Session:
    session = Session(0.0, Allowances())
    session.receive(Join(room="tea"), 0.0, 0)
    session.admit(identity)
    return session


def test_the_first_message_must_be_a_join() -> None:
    session = Session(0.0, Allowances())

    assert session.receive(Say(id="1", text="hello"), 0.0, 0) == Close(MISUSE)
    assert session.phase is Phase.GREETING


def test_a_join_enters_once() -> None:
    session = Session(0.0, Allowances())

    assert session.receive(Join(room="tea"), 0.0, 0) == Enter(Join(room="tea"))
    assert session.receive(Join(room="tea"), 0.0, 0) == Close(MISUSE)


def test_a_viewer_says_nothing_before_it_has_joined() -> None:
    session = Session(0.0, Allowances())
    session.receive(Join(room="tea"), 0.0, 0)

    effect = session.receive(Say(id="1", text="hello"), 0.0, 0)

    assert isinstance(effect, Reply)
    assert isinstance(effect.message, Error)
    assert (effect.message.code, effect.message.to) == ("not_joined", "1")


def test_a_line_is_posted_with_its_sender_and_the_servers_time() -> None:
    effect = live().receive(Say(id="7", text="  how   big\nis it? "), 1.0, 1_700_000_000_000)

    line = ChatLine(
        id="ann.7",
        sender=Sender(id="ann", name="Ann", badges=["buyer"]),
        text="how big is it?",
        at=1_700_000_000_000,
    )
    assert effect == Post(line, Ok(to="7"))


def test_characters_that_draw_nothing_and_that_no_book_can_hold_are_left_out_of_a_line() -> None:
    effect = live().receive(Say(id="7", text="how\x00 big\x1b\x7f\x9f \x00 is it"), 1.0, 0)

    assert isinstance(effect, Post)
    assert effect.line.text == "how big is it"


@pytest.mark.parametrize("text", [" \n\t ", "\x00", " \x00\x1b "])
def test_a_line_of_spaces_is_refused(text: str) -> None:
    effect = live().receive(Say(id="7", text=text), 1.0, 0)

    assert isinstance(effect, Reply)
    assert isinstance(effect.message, Error)
    assert effect.message.code == "empty"


def test_someone_without_a_name_may_not_speak() -> None:
    effect = live(Identity(id="x", name="", may_speak=False)).receive(
        Say(id="7", text="hi"), 1.0, 0
    )

    assert isinstance(effect, Reply)
    assert isinstance(effect.message, Error)
    assert (effect.message.code, effect.message.to) == ("unauthorised", "7")


def test_chat_beyond_the_burst_is_refused_with_the_time_to_wait() -> None:
    session = live()
    answers = [session.receive(Say(id=str(n), text="hi"), 1.0, 0) for n in range(6)]

    assert [type(answer) for answer in answers] == [Post] * 5 + [Reply]
    refused = answers[-1]
    assert isinstance(refused, Reply)
    assert refused.message == Error(
        code="rate_limited", detail="slower, please", to="5", retry_after_ms=1000
    )
    assert isinstance(session.receive(Say(id="6", text="hi"), 2.0, 0), Post)


def test_frames_beyond_the_rate_are_refused_and_a_flood_ends_the_connection() -> None:
    session = live()
    effects = [session.receive(Ping(id=n, at=0), 1.0, 0) for n in range(400)]

    kinds = [type(effect) for effect in effects]
    assert kinds == [Reply] * 360 + [Close] * 40
    answers = [effect.message for effect in effects if isinstance(effect, Reply)]
    assert [type(answer) for answer in answers] == [Pong] * 60 + [Error] * 300
    assert effects[-1] == Close(FLOOD)


def test_likes_beyond_the_rate_are_dropped_in_silence() -> None:
    session = live()

    assert session.receive(Like(count=50), 0.0, 0) == Applaud(50)
    assert session.receive(Like(count=50), 0.0, 0) == Applaud(50)
    assert session.receive(Like(count=50), 0.0, 0) == Nothing()


def test_a_ping_is_answered_with_the_servers_clock_in_any_phase() -> None:
    session = Session(0.0, Allowances())

    assert session.receive(Ping(id=3, at=17), 0.0, 42) == Reply(Pong(id=3, at=17, server_at=42))


def test_what_the_room_does_not_know_goes_to_the_application() -> None:
    message = object()

    assert live().receive(message, 0.0, 0) == Forward(message)


@pytest.mark.parametrize(
    ("frame", "code", "path"),
    [
        (b"{", "malformed_json", None),
        (b"\xff", "malformed_json", None),
        (b'{"type":"like","deep":%b}' % (b"[" * 8000), "malformed_json", None),
        (b'{"type":"chat","id":"1","text":"\xff"}', "malformed_json", None),
        (b"[]", "invalid_message", "$"),
        (b'{"text":"x"}', "invalid_message", "$"),
        (b'{"type":"dance"}', "unknown_type", "$.type"),
        (b'{"type":"chat","id":"1"}', "invalid_message", "$"),
        (b'{"type":"chat","id":"1\\u0000","text":"x"}', "invalid_message", "$.id"),
        (b'{"type":"chat","id":"1\\n","text":"x"}', "invalid_message", "$.id"),
        (b'{"type":"join","room":"tea","device":"short"}', "invalid_message", "$.device"),
        (b'{"type":"join","room":"tea","device":"a/b/c/d/e/f"}', "invalid_message", "$.device"),
        (b'{"type":"chat","id":"1","text":""}', "invalid_message", "$.text"),
        (b'{"type":"chat","id":"1","text":"%b"}' % (b"x" * 301), "invalid_message", "$.text"),
        (b'{"type":"reserve","id":"1","offer":"o","quantity":0}', "invalid_message", "$.quantity"),
        (b'{"type":"reserve","id":"1","offer":"o","quantity":-1}', "invalid_message", "$.quantity"),
        (
            b'{"type":"reserve","id":"1","offer":"o","quantity":1000000000}',
            "invalid_message",
            "$.quantity",
        ),
        (b'{"type":"like","count":1.5}', "invalid_message", "$.count"),
    ],
)
def test_a_frame_that_does_not_decode_gets_an_error_that_names_the_path(
    frame: bytes, code: str, path: str | None
) -> None:
    with pytest.raises(UNDECODABLE) as caught:
        decode_client_message(frame)

    error = undecodable(caught.value)

    assert (error.code, error.path) == (code, path)
    assert error.detail
    session = live()
    assert session.refuse(caught.value, 0.0) == Reply(error)
    assert session.phase is Phase.LIVE
