"""The order state machine, and how long a buyer may pay."""

from typing import get_args

from hypothesis import given, strategies as st

from commerce.messages import OrderStatus
from commerce.offers.schedule import pay_by
from commerce.orders import LIVE, TRANSITIONS, Event, after, before, can


def test_every_event_has_one_state_before_it_and_one_after() -> None:
    events: tuple[Event, ...] = get_args(Event)

    assert {(before(event), event, after(event)) for event in events} == {
        ("awaiting_payment", "pay", "paid"),
        ("awaiting_payment", "lapse", "lapsed"),
        ("awaiting_payment", "cancel", "cancelled"),
        ("paid", "refund", "refunded"),
    }


def test_what_has_ended_stays_ended() -> None:
    statuses: tuple[OrderStatus, ...] = get_args(OrderStatus)
    events: tuple[Event, ...] = get_args(Event)

    ended = [status for status in statuses if not any(can(status, event) for event in events)]

    assert set(ended) == {"lapsed", "cancelled", "refunded"}
    assert set(statuses) - set(ended) == LIVE
    assert len(TRANSITIONS) == 4


def test_the_margin_is_a_tenth_between_five_and_sixty_seconds() -> None:
    assert pay_by(0, 300_000) == 270_000
    assert pay_by(0, 10_000) == 5_000
    assert pay_by(0, 86_400_000) == 86_340_000


@given(st.integers(0, 2**42), st.integers(0, 86_400_000))
def test_the_pay_window_lies_within_the_hold(reserved_at: int, hold_ms: int) -> None:
    assert reserved_at <= pay_by(reserved_at, reserved_at + hold_ms) <= reserved_at + hold_ms
