"""
What must hold for a show at any moment, whatever the load and whatever was killed.

Everything is read through the public API, by someone who may: the show's host.
"""

from collections import Counter
from collections.abc import Collection
from typing import Final

from liveshop_client import Api
from liveshop_client.messages import Ledger, OfferView, OrderView, Till

PAGE: Final = 100
OPEN: Final = ("awaiting_payment", "paid")


async def check(api: Api, show: str) -> list[str]:
    """Return what does not hold, a sentence each; nothing, when all is well."""
    detail = await api.show(show)
    orders = await _orders(api, show)
    broken: list[str] = []
    for offer in detail["offers"]:
        # The ledger is read after the orders: what was sold by then is in it.
        broken += ledger_faults(await api.ledger(offer["id"]))
        broken += offer_faults(offer, [order for order in orders if order["offer"] == offer["id"]])
    for till in await api.money(show):
        broken += till_faults(till)
    return broken + order_faults(orders)


async def unknown_orders(api: Api, show: str, placed: Collection[str]) -> list[str]:
    """Return which orders buyers were told are placed, and the shop's books do not have."""
    if not placed:
        return []
    known = {order["id"] for order in await _orders(api, show)}
    missing = sorted(set(placed) - known)
    return [f"order {order} was placed, and is not in the books" for order in missing]


def ledger_faults(ledger: Ledger) -> list[str]:
    """Return what is wrong with where an offer's units are."""
    offer, allocated, sold = ledger["offer"], ledger["allocated"], ledger["sold"]
    places = {
        "available": ledger["available"],
        "held": ledger["held"],
        "sold": sold,
        "in flight": ledger["in_flight"],
    }
    faults = [f"offer {offer}: {units} are {name}" for name, units in places.items() if units < 0]
    if allocated != sum(places.values()):
        parts = " + ".join(f"{units} {name}" for name, units in places.items())
        faults.append(f"offer {offer}: {allocated} allocated, but {parts}")
    if sold > allocated:
        faults.append(f"offer {offer}: {sold} sold of {allocated}")
    if not ledger["adds_up"]:
        faults.append(f"offer {offer}: the shop says that its ledger does not add up")
    return faults


def offer_faults(offer: OfferView, orders: list[OrderView]) -> list[str]:
    """Return what is wrong between an offer and the orders for it."""
    faults = []
    units: Counter[str] = Counter()
    # Who races for a unit has none yet.
    racing = 0
    for order in orders:
        if order["status"] in OPEN:
            units[order["buyer"]] += order["quantity"]
            if order["status"] == "awaiting_payment" and order.get("first_paid"):
                racing += order["quantity"]
    ordered = units.total() - racing
    if ordered > offer["quantity"]:
        faults.append(f"offer {offer['id']}: {ordered} of {offer['quantity']} units ordered")
    for buyer, bought in units.items():
        if bought > offer["limit_per_buyer"]:
            limit = offer["limit_per_buyer"]
            faults.append(f"offer {offer['id']}: {buyer} has {bought}, the limit is {limit}")
    return faults


def order_faults(orders: list[OrderView]) -> list[str]:
    """Return what is wrong with orders, whichever offer they are for."""
    holds = Counter(order["hold"] for order in orders)
    faults = [f"hold {hold}: {count} orders" for hold, count in holds.items() if count > 1]
    faults += [
        f"order {order['id']}: {order['total_minor']} for {order['quantity']} at "
        f"{order['unit_price_minor']}"
        for order in orders
        if order["total_minor"]
        != order["quantity"] * order["unit_price_minor"]
        - order.get("discount_minor", 0)
        + order.get("shipping_minor", 0)
        + order.get("tax_minor", 0)
    ]
    return faults


def till_faults(till: Till) -> list[str]:
    """Return what is wrong with a show's money: captured = kept + refunded, kept for orders."""
    currency, captured = till["currency"], till["captured_minor"]
    kept, refunded = till["kept_minor"], till["refunded_minor"]
    faults = []
    if captured != kept + refunded or min(captured, kept, refunded) < 0:
        faults.append(f"{currency}: {captured} captured, but {kept} kept + {refunded} refunded")
    if kept != till["orders_minor"]:
        faults.append(f"{currency}: {kept} kept, but orders keep {till['orders_minor']}")
    if not till["adds_up"]:
        faults.append(f"{currency}: the shop says that its money does not add up")
    return faults


async def _orders(api: Api, show: str) -> list[OrderView]:
    """Return every order of a show once; those placed meanwhile may be missing."""
    orders: dict[str, OrderView] = {}
    after: str | None = None
    while True:
        page = await api.orders(show=show, after=after, limit=PAGE)
        orders.update((order["id"], order) for order in page["orders"])
        after = page.get("next")
        if after is None:
            return list(orders.values())
