import msgspec

from rooms.application import Identity
from rooms.messages import Sender
from rooms.presence import LISTED, merged, roll_call


def named(name: str, *badges: str) -> Identity:
    return Identity(id=f"id-{name}", name=name, badges=badges)


def test_a_roll_call_names_everyone_once_and_nobody_without_a_name() -> None:
    nameless = Identity(id="anonymous_1", name="", may_speak=False)
    said = roll_call([named("Bob"), nameless, named("Ann", "host"), named("Bob")])

    assert merged([said]) == [
        Sender(id="id-Ann", name="Ann", badges=["host"]),
        Sender(id="id-Bob", name="Bob"),
    ]


def test_a_big_crowd_is_named_in_part() -> None:
    said = roll_call(named(f"{number:05}") for number in range(5_000))

    assert len(msgspec.json.decode(said)) == LISTED


def test_who_is_on_two_workers_is_one_person() -> None:
    one, other = roll_call([named("Ann"), named("Bob")]), roll_call([named("Ann")])

    assert [person.name for person in merged([one, other, b"[]"])] == ["Ann", "Bob"]
