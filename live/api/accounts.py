"""Who you are: guests, accounts, signing in."""

import secrets
import time
from http import HTTPStatus
from typing import Final

from commerce.errors import NotFound
from commerce.ids import AccountId
from commerce.store import accounts
from commerce.store.accounts import Account
from commerce.store.pool import acquire
from live.api.bodies import Credentials, Empty, NewGuest, Registration, SignedIn, User
from live.api.endpoint import Access, Call, Endpoint
from live.api.problems import ApiError
from live.auth import Role, WrongCredentials
from live.shop import Shop


async def come_in(call: Call[NewGuest, Empty]) -> SignedIn:
    """Come in as a guest, with nothing but a name."""
    name = (call.body.name or f"Guest {secrets.randbelow(9000) + 1000}").strip()
    async with acquire(call.shop.pool) as connection:
        account = await accounts.create_guest(connection, name)
    return _signed_in(call.shop, account)


async def register(call: Call[Registration, Empty]) -> SignedIn:
    """Open an account; a host's or an admin's only an admin may open."""
    wanted = call.body
    if wanted.role != "viewer" and (call.claims is None or call.claims.role != "admin"):
        raise ApiError("forbidden", f"only an admin may open a {wanted.role}'s account")
    call.shop.tries.take(call.address, time.monotonic())
    password_hash = await call.shop.passwords.hash(wanted.password)
    async with acquire(call.shop.pool) as connection:
        account = await accounts.register(
            connection,
            kind=wanted.role,
            name=wanted.name.strip(),
            email=wanted.email.lower(),
            password_hash=password_hash,
        )
    return _signed_in(call.shop, account)


async def log_in(call: Call[Credentials, Empty]) -> SignedIn:
    """Sign in with an e-mail address and a password."""
    call.shop.tries.take(call.address, time.monotonic())
    async with acquire(call.shop.pool) as connection:
        found = await accounts.find_by_email(connection, call.body.email.strip().lower())
    account, stored = found or (None, None)
    # An unknown address is checked against nobody's hash, and takes just as long.
    if not await call.shop.passwords.check(call.body.password, stored) or account is None:
        raise WrongCredentials
    return _signed_in(call.shop, account)


async def me(call: Call[Empty, Empty]) -> User:
    """Say who the token stands for."""
    async with acquire(call.shop.pool) as connection:
        account = await accounts.find(connection, AccountId(call.who.sub))
    if account is None:
        raise NotFound("account", call.who.sub)
    return _user(account)


def role_of(account: Account) -> Role:
    """Return what the account may do: a guest is a viewer."""
    return "viewer" if account.kind == "guest" else account.kind


def _user(account: Account) -> User:
    return User(id=account.id, name=account.name, role=role_of(account), email=account.email)


def _signed_in(shop: Shop, account: Account) -> SignedIn:
    token, claims = shop.tokens.issue(
        account=account.id, name=account.name, role=role_of(account), now=time.time()
    )
    return SignedIn(token=token, expires_at=claims.exp * 1000, user=_user(account))


ENDPOINTS: Final = (
    Endpoint("POST", "/api/auth/guest", come_in, Access.ANYONE, status=HTTPStatus.CREATED),
    Endpoint(
        "POST",
        "/api/auth/register",
        register,
        Access.ANYONE,
        status=HTTPStatus.CREATED,
        errors=("email_taken", "forbidden", "too_many_tries"),
    ),
    Endpoint(
        "POST",
        "/api/auth/login",
        log_in,
        Access.ANYONE,
        errors=("wrong_credentials", "too_many_tries"),
    ),
    Endpoint("GET", "/api/me", me, Access.SIGNED_IN, errors=("unknown_account",)),
)
