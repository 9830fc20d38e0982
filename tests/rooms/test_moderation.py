import pytest
from msgspec.structs import replace

from rooms.application import Identity
from rooms.messages import ChatLine, Error, Join, Ok, Say
from rooms.moderation import Allowed, Floor, Refused, Rules, judge
from rooms.session import Allowances, Post, Reconsider, Reply, Session
from rooms.wordfilter import WordFilter

ANN = Identity(id="ann", name="Ann")
HOST = Identity(id="mei", name="Mei", badges=("host",), moderates=True)
STRICT = Rules(
    slow_s=10,
    audience="buyers",
    links="moderators",
    words=WordFilter(["scam"]),
    moderators=frozenset({"bo"}),
    mutes={"ann": 9_000},
    banned=frozenset({"troll"}),
    banned_devices=frozenset({"phone-of-troll"}),
)


def test_a_mute_ends_by_itself() -> None:
    rules = Rules(mutes={"ann": 9_000})

    assert judge(rules, ANN, "hi", 8_999, None) == Refused(
        "muted", "a moderator muted you for a while", 1
    )
    assert judge(rules, ANN, "hi", 9_000, None) == Allowed([])


def test_slow_mode_says_how_long_to_wait() -> None:
    floor = Floor(Rules(slow_s=10))

    assert floor.judge(ANN, "1", "one", 1_000) == Allowed([])
    assert floor.judge(ANN, "2", "two", 4_000) == Refused(
        "slow_mode", "slow mode: one line every 10 seconds", 7_000
    )
    # A refused line does not begin the wait anew.
    assert floor.judge(ANN, "3", "two", 11_000) == Allowed([])
    assert floor.judge(replace(ANN, id="ben"), "1", "mine", 11_000) == Allowed([])


def test_a_line_that_is_sent_again_does_not_wait_for_itself() -> None:
    floor = Floor(Rules(slow_s=10))
    floor.judge(ANN, "1", "one", 1_000)

    assert floor.judge(ANN, "1", "one", 2_000) == Allowed([])
    assert isinstance(floor.judge(ANN, "2", "two", 3_000), Refused)


@pytest.mark.parametrize(
    ("who", "text", "code"),
    [
        (Identity(id="troll", name="T"), "hi", "banned"),
        (Identity(id="t2", name="T", device="phone-of-troll"), "hi", "banned"),
        (ANN, "hi", "muted"),
        (Identity(id="eve", name="Eve"), "hi", "buyers_only"),
        (Identity(id="eve", name="Eve", circles=frozenset({"followers"})), "hi", "buyers_only"),
        (Identity(id="eve", name="Eve", circles=frozenset({"buyers"})), "a ѕсаm", "word_refused"),
        (Identity(id="eve", name="Eve", circles=frozenset({"buyers"})), "x.com", "link_refused"),
    ],
)
def test_each_rule_refuses_with_its_own_code(who: Identity, text: str, code: str) -> None:
    verdict = judge(STRICT, who, text, 1_000, None)

    assert isinstance(verdict, Refused)
    assert verdict.code == code


def test_hosts_and_moderators_stand_above_the_rules() -> None:
    floor = Floor(replace(STRICT, mutes={"mei": 9_000}, banned=frozenset({"mei", "bo"})))
    bo = Identity(id="bo", name="Bo", device="phone-of-troll")

    for at in (1_000, 1_001):
        assert floor.judge(HOST, str(at), "no scam: x.com", at) == Allowed(["host"])
        assert floor.judge(bo, str(at), "no scam: x.com", at) == Allowed(["moderator"])
    assert not floor.rules.bans(bo)


def test_buyers_have_their_badge() -> None:
    eve = Identity(id="eve", name="Eve", circles=frozenset({"buyers"}))

    assert judge(Rules(), eve, "hi", 0, None) == Allowed(["buyer"])


# -- In a conversation ------------------------------------------------------------------------


def live(identity: Identity, floor: Floor) -> Session:
    session = Session(0.0, Allowances())
    session.receive(Join(room="tea"), 0.0, 0)
    session.admit(identity, floor)
    return session


def test_a_refused_line_is_answered_to_its_speaker_with_the_code_and_the_wait() -> None:
    session = live(ANN, Floor(Rules(mutes={"ann": 9_000})))

    assert session.receive(Say(id="7", text="hi"), 1.0, 8_000) == Reply(
        Error(
            code="muted",
            detail="a moderator muted you for a while",
            to="7",
            retry_after_ms=1_000,
        )
    )


def test_new_rules_hold_from_the_next_line_on() -> None:
    floor = Floor()
    session = live(ANN, floor)
    first = session.receive(Say(id="1", text="hi"), 1.0, 1_000)
    floor.rules = Rules(moderators=frozenset({"ann"}))
    second = session.receive(Say(id="2", text="hi"), 1.0, 1_000)

    assert isinstance(first, Post)
    assert first.line.sender.badges == []
    assert isinstance(second, Post)
    assert second.line.sender.badges == ["moderator"]


def test_who_may_have_bought_since_is_asked_about_before_they_are_refused() -> None:
    session = live(ANN, Floor(Rules(audience="buyers")))
    line = Say(id="1", text="hi")
    early = session.receive(line, 1.0, 1_000)
    later = session.receive(line, 3.0, 3_000)
    session.learn(frozenset({"buyers"}))
    after = session.reconsider(line, 3.0, 3_000)

    assert isinstance(early, Reply)
    assert later == Reconsider(line)
    assert isinstance(after, Post)
    assert after == Post(
        ChatLine(id="ann.1", sender=after.line.sender, text="hi", at=3_000), Ok(to="1")
    )
    assert after.line.sender.badges == ["buyer"]


def test_who_has_not_bought_since_is_refused_at_once_the_next_time() -> None:
    session = live(ANN, Floor(Rules(audience="buyers")))
    line = Say(id="1", text="hi")
    session.receive(line, 3.0, 3_000)
    refused = session.reconsider(line, 3.1, 3_100)
    again = session.receive(line, 4.0, 4_000)

    assert isinstance(refused, Reply)
    assert isinstance(refused.message, Error)
    assert refused.message.code == "buyers_only"
    assert again == refused


def test_circles_are_asked_for_again_now_and_then() -> None:
    session = live(ANN, Floor())
    posts = [session.receive(Say(id="1", text="hi"), now, 0) for now in (29.0, 30.0, 31.0)]

    assert [post.outdated for post in posts if isinstance(post, Post)] == [False, True, False]
