"""What most tests of the ledger begin with: a host with a show, and something on the shelf."""

from commerce.catalogue import NewProduct, NewVariant
from commerce.ids import AccountId, OfferId, ShowId, VariantId, new_id
from commerce.messages import ShowView
from commerce.store import accounts, offers, products, shows
from commerce.store.outbox import waiting
from commerce.store.pool import Connection

NOW = 1_760_000_000_000


async def add_host(connection: Connection, email: str = "ada@shop.example") -> AccountId:
    host = await accounts.register(
        connection, kind="host", name="Ada", email=email, password_hash="hash"
    )
    return host.id


async def add_show(connection: Connection, id: str = "tonight") -> ShowId:
    host = await add_host(connection, f"{id}@shop.example")
    show = await shows.create(connection, host, shows.NewShow(title="Tonight", id=id))
    return ShowId(show.id)


async def add_live_show(connection: Connection, id: str = "tonight") -> ShowId:
    show: ShowView = await shows.start(connection, await add_show(connection, id))
    return ShowId(show.id)


async def add_variant(
    connection: Connection,
    sku: str = "MUG",
    *,
    available: int = 100,
    price_minor: int = 1990,
    was_minor: int | None = None,
) -> VariantId:
    variant = NewVariant(
        sku=sku,
        price_minor=price_minor,
        currency="USD",
        available=available,
        was_minor=was_minor,
        options=["Blue"],
    )
    product = await products.create(
        connection,
        NewProduct(title="Mug", options=["Colour"], variants=[variant], pictures=["/mug.svg"]),
    )
    return VariantId(product.variants[0].id)


async def add_open_offer(connection: Connection, *, quantity: int = 20) -> OfferId:
    """An offer of 20 of 100 units, open since ``NOW`` in a live show."""
    show, variant = await add_live_show(connection), await add_variant(connection)
    new = offers.NewOffer(variant=variant, quantity=quantity)
    offer = OfferId((await offers.create(connection, show, new)).id)
    await offers.open_(connection, offer, now=NOW)
    return offer


async def add_order(connection: Connection, offer: OfferId, quantity: int) -> None:
    """Take units the way an order does, or give them back (less than none), and no further."""
    away = quantity > 0
    await connection.execute(
        "INSERT INTO stock_movements"
        " (variant_id, quantity, origin, destination, why, offer_id, order_id)"
        " SELECT variant_id, abs($2::int), $3::text::stock_place, $4::text::stock_place,"
        " $5::text::stock_reason, id, 'ord_1'"
        " FROM offers WHERE id = $1",
        offer,
        quantity,
        "offer" if away else "held",
        "held" if away else "offer",
        "placed" if away else "lapsed",
    )


async def by_hand(connection: Connection, statement: str, *arguments: object) -> None:
    """Write to the tables behind every trigger's back, as whoever owns the database can."""
    async with connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")
        await connection.execute(statement, *arguments)


async def available(connection: Connection, offer: OfferId) -> int:
    """How many units of the offer's variant no offer has taken."""
    units: int = await connection.fetchval(
        "SELECT available FROM variants WHERE id = (SELECT variant_id FROM offers WHERE id = $1)",
        offer,
    )
    return units


async def facts(connection: Connection) -> list[tuple[str, str]]:
    """Return topic and subject of what waits in the outbox, and leave it empty."""
    found: list[tuple[str, str]] = [
        (fact.topic, fact.subject) for fact in await waiting(connection, 100)
    ]
    await connection.execute("DELETE FROM outbox")
    return found


def nobody() -> AccountId:
    return AccountId(new_id("acc"))
