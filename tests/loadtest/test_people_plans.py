"""What the people of a load test go by: plans, stamps, targets, the board. Nothing waits."""

from pathlib import Path

import pytest

from loadtest.people.account import Account, find_account
from loadtest.people.board import Board, Press
from loadtest.people.shapes import PEOPLE, PLANS, Plan, Stage
from loadtest.people.stamps import Stamp, read
from loadtest.people.target import refusal, same_site

TWO_STAGES = Plan("", (Stage(10, 0.5, 5), Stage(30, 1.0, 10)))


@pytest.mark.parametrize(
    ("now_s", "expected"),
    [
        (0, (100, 20.0)),
        (9.9, (100, 20.0)),
        (10, (200, 10.0)),
        (29.9, (200, 10.0)),
        (30, None),
    ],
)
def test_a_stage_says_how_many_are_there_and_how_fast_they_come(
    now_s: float, expected: tuple[int, float] | None
) -> None:
    assert TWO_STAGES.at(now_s, 200, 1.0) == expected


def test_a_plan_without_stages_is_what_locusts_own_options_say() -> None:
    steady = PLANS["steady"]

    assert steady.at(1e6, 300, 25.0) == (300, 25.0)
    assert steady.at(59.9, 300, 25.0, 60.0) == (300, 25.0)
    assert steady.at(60.0, 300, 25.0, 60.0) is None
    assert steady.duration_s is None


def test_a_soak_begins_again_until_its_time_is_over() -> None:
    soak = PLANS["soak"]

    assert soak.at(10, 600, 1.0) == soak.at(610, 600, 1.0) == (600, 10.0)
    assert soak.at(310, 600, 1.0) == (300, 5.0)
    assert soak.at(7200, 100, 1.0, 7200) is None


def test_a_pace_shortens_all_of_a_plan() -> None:
    storm = PLANS["reconnect-storm"].paced(0.1)

    assert storm.duration_s == pytest.approx(8.0)
    assert storm.cuts_s == pytest.approx((3.5, 5.5))
    assert storm.first_sale_s == pytest.approx(3.0)
    assert storm.at(7.9, 150, 1.0) == (150, 75.0)


def test_the_next_sale_is_the_first_and_then_one_every_so_often() -> None:
    plan = Plan("", first_sale_s=10, every_sale_s=30)

    assert [plan.next_sale_s(now) for now in (0, 10, 10.5, 40, 41)] == [10, 10, 40, 40, 70]
    assert Plan("", first_sale_s=10, every_sale_s=0).next_sale_s(11) is None


@pytest.mark.parametrize("name", list(PLANS))
def test_a_plan_is_about_all_kinds_of_people_and_whole(name: str) -> None:
    plan = PLANS[name]

    assert set(plan.people) == set(PEOPLE)
    assert sum(plan.people.values()) == 100
    assert all(stage.over_s > 0 for stage in plan.stages)
    assert list(plan.stages) == sorted(plan.stages, key=lambda stage: stage.until_s)


def test_a_stamp_rides_in_the_id_of_a_line_and_tells_its_age() -> None:
    stamp = Stamp("ab12cd", 5_000_000, 1_700_000_000_000_000)
    found = read(f"guest_1.{stamp.id('1f')}")

    assert found == stamp
    # On the same machine its own clock tells, elsewhere the server's.
    assert found.age_ms("ab12cd", 5_012_500, 0) == 12.5
    assert found.age_ms("other0", 0, 1_700_000_000_030_000) == 30.0
    assert found.age_ms("ab12cd", 4_999_000, 0) == 0.0
    assert len(stamp.id("ffffffff")) <= 64


@pytest.mark.parametrize("id", ["guest_1.c0ffee", "guest_1.t-1-2", "ann.t1-m-x-y", "", "a-b-c-d"])
def test_the_id_of_anybody_else_carries_no_stamp(id: str) -> None:
    assert read(id) is None


@pytest.mark.parametrize(
    "url", ["http://localhost:8000", "http://127.8.0.1", "http://[::1]:8000/", "https://127.0.0.1"]
)
def test_this_machine_may_be_driven(url: str) -> None:
    assert refusal(url, owned=False) is None


def test_another_machine_may_be_driven_only_by_whoever_says_that_it_is_theirs() -> None:
    why = refusal("https://shop.example", owned=False)

    assert why is not None
    assert why.startswith("shop.example is not this machine.")
    assert "--own-target" in why
    assert refusal("https://shop.example", owned=True) is None
    # A name may lead anywhere, whatever it looks like.
    assert refusal("http://127.0.0.1.shop.example", owned=False) is not None


@pytest.mark.parametrize("url", ["", "127.0.0.1:8000", "ftp://127.0.0.1", "http://"])
def test_what_is_no_address_of_a_shop_is_refused_in_any_case(url: str) -> None:
    why = refusal(url, owned=True)

    assert why is not None
    assert "http://127.0.0.1:8000" in why


def test_a_site_is_its_scheme_host_and_port() -> None:
    assert same_site("https://shop.example/a", "https://shop.example:443/b")
    assert not same_site("https://shop.example", "https://checkout.stripe.com/pay")
    assert not same_site("http://shop.example", "https://shop.example")


def test_a_purchase_is_seen_once_by_everybody_but_the_buyer() -> None:
    board = Board()
    board.pin("off_1", Press(at_ms=100.0, buyer=1, version=7))

    assert board.seen("off_1", 2, (7, 8), (0.0, 130.0)) == [30.0]
    # The buyer's own screen, a screen that showed it before, another offer, an older number.
    assert board.seen("off_1", 1, (7, 8), (0.0, 130.0)) == []
    assert board.seen("off_1", 2, (8, 9), (0.0, 160.0)) == []
    assert board.seen("off_2", 2, (7, 8), (0.0, 130.0)) == []
    assert board.seen("off_1", 2, (6, 7), (0.0, 130.0)) == []
    # Somebody who came in later got a snapshot.
    assert board.seen("off_1", 3, (0, 8), (101.0, 130.0)) == []


def test_the_hosts_secrets_come_from_the_environment_or_the_demos_folder(tmp_path: Path) -> None:
    folder = tmp_path
    assert find_account({}, folder) is None
    (folder / "demo.json").write_text('{"email": "host@demo.example", "password": "p", "show": ""}')
    assert find_account({}, folder) == Account(email="host@demo.example", password="p")
    assert find_account({"LIVESHOP_HOST_TOKEN": "t"}, folder) == Account(token="t")
    given = {"LIVESHOP_HOST_EMAIL": "a@b.example", "LIVESHOP_HOST_PASSWORD": "q"}
    assert find_account(given, folder) == Account(email="a@b.example", password="q")
