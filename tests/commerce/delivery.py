"""A shop that delivers: its tariff, its buyers' addresses, and money that arrives."""

from collections.abc import Sequence

from msgspec.structs import replace

from commerce.addresses import Address
from commerce.checkout import Effect
from commerce.ids import AccountId, OrderId, TariffId
from commerce.messages import OrderView
from commerce.payments import ChargeStarted, GatewayEvent
from commerce.quoting import Quote, make_quote
from commerce.store import shows, tariffs
from commerce.store.pool import acquire, transaction
from commerce.tariffs import Place, ShippingOption, Tariff, TaxRule, Zone
from tests.commerce.shop import Shop

BERLIN = Address(name="Lin", lines=["Allee 1"], city="Berlin", country="DE", postcode="10115")
HAMBURG = replace(BERLIN, city="Hamburg", postcode="20095")

TARIFF = Tariff(
    currency="USD",
    zones=[
        Zone(
            name="Home",
            places=[Place(country="DE")],
            options=[
                ShippingOption(id="express", name="Express", price_minor=1200),
                ShippingOption(id="standard", name="Standard", price_minor=500, days_max=4),
            ],
        )
    ],
    taxes=[TaxRule(name="Tax", country="DE", rate_bp=1000)],
)
"""A mug of 19.90 costs 1990 + 500 + 199."""


async def host_of(shop: Shop) -> AccountId:
    async with acquire(shop.pool) as connection:
        return AccountId((await shows.get(connection, shop.show)).host)


async def publish(shop: Shop, tariff: Tariff = TARIFF) -> None:
    host = await host_of(shop)
    async with transaction(shop.pool) as connection:
        draft = await tariffs.draft(connection, host, tariff)
        await tariffs.publish(connection, host, TariffId(draft.id))


async def win(shop: Shop, buyer: AccountId, count: int = 2) -> list[OrderView]:
    """Orders of one buyer that await payment, each of another offer; oldest first."""
    return [await shop.place(await shop.add_offer(), buyer) for _ in range(count)]


async def quoted(
    shop: Shop,
    bought: Sequence[OrderView],
    address: Address | None = BERLIN,
    option: str | None = None,
) -> Quote:
    async with acquire(shop.pool) as connection:
        made = await make_quote(
            connection,
            AccountId(bought[0].buyer),
            [OrderId(each.id) for each in bought],
            address=address,
            option=option,
        )
    return made.quote


async def begin(
    shop: Shop, bought: Sequence[OrderView], quote: Quote, *, through: str | None = None
) -> ChargeStarted:
    return await shop.checkout.pay_quoted(
        [OrderId(each.id) for each in bought],
        AccountId(bought[0].buyer),
        quote=quote.id,
        amount_minor=quote.total_minor,
        address=quote.address,
        option=quote.option,
        through=through,
    )


async def money_comes(shop: Shop, started: ChargeStarted) -> Effect:
    """The buyer pays on the gateway's page, and the gateway tells us."""
    await shop.sandbox.decide(started.reference, "succeed")
    charge = await shop.sandbox.get_charge(started.reference)
    return await shop.checkout.apply(
        "sandbox",
        GatewayEvent(
            event_id=f"evt_{started.reference}",
            payment=charge.payment,
            reference=started.reference,
            outcome="captured",
            amount_minor=charge.amount_minor,
            currency=charge.currency,
        ),
    )


async def buy(
    shop: Shop,
    bought: Sequence[OrderView],
    address: Address | None = BERLIN,
    option: str | None = None,
) -> list[OrderView]:
    """Quote, pay, and return the orders as they are then."""
    started = await begin(shop, bought, await quoted(shop, bought, address, option))
    assert await money_comes(shop, started) == "paid"
    return [await shop.order(each.id) for each in bought]
