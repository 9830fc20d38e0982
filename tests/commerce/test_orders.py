"""The order state machine, and how long a buyer may pay."""

from typing import get_args

from hypothesis import given, strategies as st

from commerce.messages import OrderStatus
from commerce.offers.schedule import pay_by
from commerce.orders import LIVE, TRANSITIONS, Event, can, moves


def test_every_event_is_possible_in_some_states_and_leads_to_one_from_each() -> None:
    events: tuple[Event, ...] = get_args(Event)

    assert {event: moves(event) for event in events} == {
        "pay": {"awaiting_payment": "paid"},
        "lapse": {"awaiting_payment": "lapsed"},
        "cancel": {"awaiting_payment": "cancelled"},
        "lose": {"awaiting_payment": "sold_out"},
        "refund": {"paid": "paid", "refunded": "refunded"},
        "return": {"paid": "refunded"},
    }


def test_units_go_back_once_and_stay_back() -> None:
    statuses: tuple[OrderStatus, ...] = get_args(OrderStatus)
    events: tuple[Event, ...] = get_args(Event)

    ended = {
        status
        for status in statuses
        if not any(can(status, event) and moves(event)[status] != status for event in events)
        and status not in LIVE
    }

    assert ended == {"lapsed", "cancelled", "refunded", "sold_out"}
    assert set(statuses) - ended == LIVE
    assert not any(to in LIVE for (was, _), to in TRANSITIONS.items() if was not in LIVE)


def test_the_margin_is_a_tenth_between_five_and_sixty_seconds() -> None:
    assert pay_by(0, 300_000) == 270_000
    assert pay_by(0, 10_000) == 5_000
    assert pay_by(0, 86_400_000) == 86_340_000


@given(st.integers(0, 2**42), st.integers(0, 86_400_000))
def test_the_pay_window_lies_within_the_hold(reserved_at: int, hold_ms: int) -> None:
    assert reserved_at <= pay_by(reserved_at, reserved_at + hold_ms) <= reserved_at + hold_ms
