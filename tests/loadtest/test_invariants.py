from typing import cast

import pytest

from liveshop_client.messages import Ledger, OfferView, OrderView, Till
from loadtest.invariants import ledger_faults, offer_faults, order_faults, till_faults
from tests.clients.golden import server_message

SOUND: Ledger = {
    "offer": "ofr_1",
    "allocated": 20,
    "available": 5,
    "held": 6,
    "sold": 8,
    "in_flight": 1,
    "adds_up": True,
}


def offer(**changes: object) -> OfferView:
    return cast(OfferView, {**server_message("offer")["offer"], "id": "ofr_1", **changes})


def order(number: int, **changes: object) -> OrderView:
    return cast(
        OrderView,
        {
            **server_message("placed")["order"],
            "id": f"ord_{number}",
            "hold": f"hld_{number}",
            "buyer": f"acc_{number}",
            "quantity": 1,
            "unit_price_minor": 900,
            "total_minor": 900,
            "status": "paid",
            **changes,
        },
    )


def test_a_sound_ledger_has_no_faults() -> None:
    assert ledger_faults(SOUND) == []


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        (
            {"available": 6},
            ["offer ofr_1: 20 allocated, but 6 available + 6 held + 8 sold + 1 in flight"],
        ),
        ({"available": -1, "held": 12}, ["offer ofr_1: -1 are available"]),
        (
            {"available": 0, "held": -2, "sold": 21},
            ["offer ofr_1: -2 are held", "offer ofr_1: 21 sold of 20"],
        ),
        ({"adds_up": False}, ["offer ofr_1: the shop says that its ledger does not add up"]),
    ],
)
def test_a_ledger_that_lost_a_unit_is_found_out(
    changes: dict[str, object], faults: list[str]
) -> None:
    assert ledger_faults(cast(Ledger, {**SOUND, **changes})) == faults


def test_selling_more_than_there_is_is_found_out() -> None:
    orders = [order(number) for number in range(3)]

    assert offer_faults(offer(quantity=3), orders) == []
    assert offer_faults(offer(quantity=2), orders) == ["offer ofr_1: 3 of 2 units ordered"]


def test_units_that_went_back_are_not_counted() -> None:
    orders = [order(1), order(2, status="lapsed"), order(3, status="refunded")]

    assert offer_faults(offer(quantity=1, limit_per_buyer=1), orders) == []


def test_a_buyer_beyond_the_limit_is_found_out() -> None:
    orders = [order(1, buyer="acc_9"), order(2, buyer="acc_9"), order(3)]

    assert offer_faults(offer(quantity=20, limit_per_buyer=1), orders) == [
        "offer ofr_1: acc_9 has 2, the limit is 1"
    ]


def test_two_orders_for_one_hold_are_found_out() -> None:
    assert order_faults([order(1), order(2, hold="hld_1")]) == ["hold hld_1: 2 orders"]


def test_an_order_that_cost_something_else_is_found_out() -> None:
    assert order_faults([order(1, quantity=2)]) == ["order ord_1: 900 for 2 at 900"]


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({}, []),
        (
            {"captured_minor": 1001},
            ["USD: 1001 captured, but 900 kept + 100 refunded"],
        ),
        ({"orders_minor": 901}, ["USD: 900 kept, but orders keep 901"]),
        ({"adds_up": False}, ["USD: the shop says that its money does not add up"]),
    ],
)
def test_money_that_was_lost_or_made_is_found_out(
    changes: dict[str, object], faults: list[str]
) -> None:
    till = {
        "currency": "USD",
        "captured_minor": 1000,
        "kept_minor": 900,
        "refunded_minor": 100,
        "orders_minor": 900,
        "adds_up": True,
        **changes,
    }

    assert till_faults(cast(Till, till)) == faults
