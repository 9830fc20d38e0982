"""What may be said about a price."""

import pytest

from commerce.catalogue import NewVariant, ProductChange, VariantChange
from commerce.catalogue_import import import_file
from commerce.errors import InvalidValue, NotFound, PriceNotLower, WasNotAsked, WrongState
from commerce.ids import OfferId, ProductId, ShowId, VariantId
from commerce.prices import ASKED_LEAST_MS, PERIOD_MS, Asked, Lowest, lowest, was_asked
from commerce.store import editing, offers, prices, products
from commerce.store.offers import NewOffer
from commerce.store.pool import Connection, Pool
from tests.commerce.stage import add_live_show, add_variant, by_hand

DAY = 86_400_000
NOW = 100 * DAY


def asked(minor: int, since: int, until: int | None = None, **more: bool | int) -> Asked:
    """A price from so many days ago to so many days ago."""
    return Asked(
        minor=minor,
        currency="USD",
        since=NOW - since * DAY,
        until=None if until is None else NOW - until * DAY,
        opening=bool(more.get("opening")),
        claimed_minor=more.get("claimed"),
    )


# -- Pure ---------------------------------------------------------------------------------------


def test_the_lowest_price_is_that_of_the_last_thirty_days() -> None:
    history = [asked(2000, 10), asked(1500, 40, 29), asked(900, 60, 40), asked(100, -1)]

    assert lowest(history, NOW) == Lowest(minor=1500, since=NOW - PERIOD_MS)
    assert lowest([asked(2000, 3)], NOW) == Lowest(minor=2000, since=NOW - 3 * DAY)
    assert lowest([asked(900, 60, 40)], NOW) is None


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        ([asked(2000, 1)], True),
        ([asked(1000, 0), asked(2000, 20, 19)], True),
        ([asked(1000, 0), asked(2000, 32, 31)], False),
        ([asked(1000, 0), asked(2000, 0, 0)], False),
        ([asked(1000, 0, opening=True, claimed=2000)], True),
        ([asked(1000, 31, opening=True, claimed=2000)], False),
        ([asked(2000, 0, opening=True)], True),
        ([asked(2500, 10)], False),
    ],
)
def test_a_price_before_was_asked_for_a_day_or_came_with_the_variant(
    history: list[Asked], expected: bool
) -> None:
    assert was_asked(history, 2000, NOW) is expected


def test_hours_of_the_same_price_add_up() -> None:
    half = ASKED_LEAST_MS // 2
    first = Asked(minor=2000, currency="USD", since=NOW - 9 * DAY, until=NOW - 9 * DAY + half)
    second = Asked(minor=2000, currency="USD", since=NOW - half)

    assert was_asked([second, first], 2000, NOW)
    assert not was_asked([second, first], 2000, NOW - 1)


# -- Flash sales --------------------------------------------------------------------------------


async def flash(
    connection: Connection, show: ShowId, variant: VariantId, price_minor: int | None
) -> OfferId:
    new = NewOffer(variant=variant, quantity=1, kind="flash", price_minor=price_minor)
    return OfferId((await offers.create(connection, show, new)).id)


async def test_a_bargain_is_below_all_that_was_asked(connection: Connection) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    await editing.change_variant(connection, variant, VariantChange(price_minor=2500))

    with pytest.raises(PriceNotLower) as refusal:
        await flash(connection, show, variant, 1990)

    today = await connection.fetchval("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')")
    assert str(refusal.value) == (
        f"the lowest price of MUG since {today} was 19.90 USD; "
        "a flash price has to be below it, and 19.90 USD is not"
    )
    assert await connection.fetchval("SELECT count(*) FROM offers") == 0
    await flash(connection, show, variant, 1989)


async def test_a_flash_sale_at_the_price_itself_claims_nothing(connection: Connection) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    await offers.open_(connection, await flash(connection, show, variant, 990))

    view = await offers.get(connection, await flash(connection, show, variant, None))

    assert (view.price_minor, view.was_minor) == (1990, None)


async def test_the_next_flash_sale_has_to_beat_the_last_one(connection: Connection) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    first = await flash(connection, show, variant, 990)
    same = await flash(connection, show, variant, 990)
    await offers.open_(connection, first)
    await offers.start_closing(connection, first)

    with pytest.raises(PriceNotLower, match=r"was 9\.90 USD"):
        await flash(connection, show, variant, 990)
    with pytest.raises(PriceNotLower, match=r"was 9\.90 USD"):
        await offers.open_(connection, same)

    assert (await offers.get(connection, same)).state == "draft"
    await offers.open_(connection, await flash(connection, show, variant, 989))


async def test_raising_the_price_for_a_moment_does_not_make_a_bargain(
    connection: Connection,
) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    await editing.change_variant(connection, variant, VariantChange(price_minor=9900))

    with pytest.raises(PriceNotLower, match=r"was 19\.90 USD"):
        await flash(connection, show, variant, 4990)
    view = await offers.get(connection, await flash(connection, show, variant, 1500))

    # 99.00 was asked for no day, so nothing is said about a price before.
    assert view.was_minor is None


async def test_a_sale_that_is_thirty_days_over_is_forgotten(connection: Connection) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    first = await flash(connection, show, variant, 990)
    await offers.open_(connection, first)
    await offers.start_closing(connection, first)
    await by_hand(connection, "UPDATE prices SET at = at - interval '31 days'")

    assert (
        await offers.get(connection, await flash(connection, show, variant, 1500))
    ).was_minor == (1990)


async def test_the_history_of_a_price_is_read(connection: Connection) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection, was_minor=2500)
    offer = await flash(connection, show, variant, 990)
    await offers.open_(connection, offer)

    history = await prices.of_variant(connection, variant)

    assert [(each.minor, each.offer, each.opening) for each in history.prices] == [
        (990, offer, False),
        (1990, None, True),
    ]
    assert (history.sku, history.lowest_minor) == ("MUG", 990)
    assert history.prices[1].claimed_minor == 2500
    with pytest.raises(NotFound):
        await prices.of_variant(connection, VariantId("var_1"))


# -- The price before ---------------------------------------------------------------------------


async def test_a_price_before_that_was_never_asked_is_refused(connection: Connection) -> None:
    variant = await add_variant(connection)

    with pytest.raises(WasNotAsked) as refusal:
        await editing.change_variant(connection, variant, VariantChange(was_minor=9900))

    assert str(refusal.value) == (
        "99.00 USD was not asked for MUG for a day of the last 30, so it cannot be the price "
        "before; the highest that was is 19.90 USD"
    )
    (product,), _ = await products.search(connection)
    assert product.variants[0].was_minor is None


async def test_the_price_that_was_asked_may_be_the_price_before(connection: Connection) -> None:
    variant = await add_variant(connection)

    product = await editing.change_variant(
        connection, variant, VariantChange(price_minor=1500, was_minor=1990)
    )
    raised = await editing.change_variant(connection, variant, VariantChange(price_minor=2000))

    assert (product.variants[0].price_minor, product.variants[0].was_minor) == (1500, 1990)
    # It is no higher than the new price, so it goes.
    assert (raised.variants[0].price_minor, raised.variants[0].was_minor) == (2000, None)
    with pytest.raises(InvalidValue, match="higher than the price"):
        await editing.change_variant(connection, variant, VariantChange(was_minor=2000))


async def test_an_import_reports_a_price_before_that_was_not_asked(pool: Pool) -> None:
    header = "Handle,Title,Variant SKU,Variant Price,Variant Compare At Price\n"
    first = await import_file(pool, f"{header}mug,Mug,M,10.00,12.00\n".encode(), currency="USD")
    again = await import_file(pool, f"{header}mug,Mug,M,9.00,12.00\n".encode(), currency="USD")
    false = await import_file(pool, f"{header}mug,Mug,M,9.00,20.00\n".encode(), currency="USD")

    assert (first.created, again.updated, false.updated) == (1, 1, 0)
    assert [(line.line, line.code, line.column) for line in false.refused] == [
        (2, "was_not_asked", "Variant Compare At Price")
    ]


# -- Archived -----------------------------------------------------------------------------------


async def test_an_archived_product_is_offered_no_more(connection: Connection) -> None:
    show, variant = await add_live_show(connection), await add_variant(connection)
    draft = OfferId((await offers.create(connection, show, NewOffer(1, variant=variant))).id)
    product = ProductId((await offers.get(connection, draft)).product)
    await editing.change_product(connection, product, ProductChange(status="archived"))

    with pytest.raises(WrongState, match="is archived"):
        await offers.create(connection, show, NewOffer(1, variant=variant))
    with pytest.raises(WrongState, match="is archived"):
        await offers.open_(connection, draft)
    assert (await products.search(connection))[0] == []
    (found,), _ = await products.search(connection, status="archived")
    assert found.id == product

    await editing.change_product(connection, product, ProductChange(status="active"))
    assert (await offers.open_(connection, draft)).state == "open"
    with pytest.raises(WrongState, match="in no open offer"):
        await editing.change_product(connection, product, ProductChange(status="archived"))


# -- Edited -------------------------------------------------------------------------------------


async def test_what_is_given_changes_and_the_rest_stays(connection: Connection) -> None:
    await add_variant(connection)
    (before,), _ = await products.search(connection)

    after = await editing.change_product(
        connection,
        ProductId(before.id),
        ProductChange(title="Beaker", tags=["new"], pictures=["/beaker.svg"]),
    )

    assert after.handle == before.handle
    assert (after.title, after.tags, after.pictures) == ("Beaker", ["new"], ["/beaker.svg"])
    assert after.variants == before.variants
    assert (await products.search(connection, text="beaker"))[0] == [after]
    assert (await products.search(connection, text="mug"))[0] == [after]  # its SKU


async def test_a_variant_is_added_behind_the_others(connection: Connection) -> None:
    await add_variant(connection)
    (before,), _ = await products.search(connection)
    red = NewVariant(sku="MUG-R", price_minor=1990, currency="USD", options=["Red"], available=3)

    after = await editing.add_variant(connection, ProductId(before.id), red, by=None)

    assert [(each.sku, each.available) for each in after.variants] == [("MUG", 100), ("MUG-R", 3)]
    for other, field in (
        (NewVariant("X", 1990, "USD", options=["Red"]), r"\$\.options"),
        (NewVariant("X", 1990, "EUR", options=["Green"]), r"\$\.currency"),
    ):
        with pytest.raises(InvalidValue, match=field):
            await editing.add_variant(connection, ProductId(before.id), other, by=None)
    with pytest.raises(NotFound):
        await editing.add_variant(connection, ProductId("prd_1"), red, by=None)
    assert await products.get(connection, ProductId(before.id)) == after
