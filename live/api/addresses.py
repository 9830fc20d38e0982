"""Address books: yours, and nobody else's."""

from http import HTTPStatus
from typing import Final

from commerce.addresses import Address, AddressView, checked
from commerce.ids import AccountId, AddressId
from commerce.store import addresses
from commerce.store.pool import acquire, transaction
from live.api.bodies import Body, Empty
from live.api.endpoint import Access, Call, Endpoint


class AddressList(Body, frozen=True):
    """Your addresses, the one that was used last first."""

    addresses: list[AddressView]


async def list_addresses(call: Call[Empty, Empty]) -> AddressList:
    """List the addresses you keep."""
    async with acquire(call.shop.pool) as connection:
        return AddressList(
            addresses=await addresses.of_account(connection, AccountId(call.who.sub))
        )


async def keep_address(call: Call[Address, Empty]) -> AddressView:
    """Keep an address; one that you have already is the same entry."""
    address = checked(call.body)
    async with transaction(call.shop.pool) as connection:
        return await addresses.keep(connection, AccountId(call.who.sub), address)


async def change_address(call: Call[Address, Empty]) -> AddressView:
    """Write an address over one that you keep; orders that go there keep their own copy."""
    address = checked(call.body)
    async with transaction(call.shop.pool) as connection:
        return await addresses.change(
            connection, AccountId(call.who.sub), AddressId(call.path("address")), address
        )


async def delete_address(call: Call[Empty, Empty]) -> Empty:
    """Forget an address; orders that go there keep their own copy."""
    async with transaction(call.shop.pool) as connection:
        await addresses.delete(connection, AccountId(call.who.sub), AddressId(call.path("address")))
    return Empty()


ENDPOINTS: Final = (
    Endpoint("GET", "/api/addresses", list_addresses, Access.SIGNED_IN),
    Endpoint(
        "POST",
        "/api/addresses",
        keep_address,
        Access.SIGNED_IN,
        status=HTTPStatus.CREATED,
        errors=("too_many_addresses",),
    ),
    Endpoint(
        "PATCH",
        "/api/addresses/{address}",
        change_address,
        Access.SIGNED_IN,
        errors=("unknown_address",),
    ),
    Endpoint(
        "DELETE",
        "/api/addresses/{address}",
        delete_address,
        Access.SIGNED_IN,
        errors=("unknown_address",),
    ),
)
