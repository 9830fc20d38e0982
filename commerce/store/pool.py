"""
Connections to PostgreSQL: a bounded pool, and single ones for whoever listens or holds a lock.

Every wait here has a deadline, and a database that cannot be reached is always the same error,
``StoreUnavailable``, which never contains a password. A URL may say ``?statement_cache_size=0``,
which is asyncpg's and not the server's: for a pooler that does not know prepared statements.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit, urlunsplit

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy

from commerce.errors import InvalidValue, StoreUnavailable

if TYPE_CHECKING:
    Pool = asyncpg.Pool[asyncpg.Record]
    Connection = asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]
else:
    Pool = asyncpg.Pool
    Connection = asyncpg.Connection | PoolConnectionProxy

log = structlog.get_logger()

CONNECT_S: Final = 5.0
"""A PostgreSQL that is up answers in milliseconds, also across a data centre."""

ACQUIRE_S: Final = 5.0
"""Whoever waits longer for a free connection has lost the person who asked."""

COMMAND_S: Final = 30.0
"""The largest import takes seconds; what takes longer waits for a lock nobody gives back."""

CLOSE_S: Final = 5.0
"""Statements that still run when the process stops may take this long to end."""

_CACHE: Final = "statement_cache_size"

_UNREACHABLE: Final = (
    OSError,  # includes TimeoutError
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InterfaceError,  # includes ClientConfigurationError
    ValueError,  # asyncpg's, for a port that is no number
)


@asynccontextmanager
async def open_pool(url: str, *, size: int = 10) -> AsyncIterator[Pool]:
    """
    Connect to PostgreSQL, with at most ``size`` connections at a time.

    Raises:
        StoreUnavailable: it cannot be reached now.

    """
    try:
        pool = await asyncpg.create_pool(**_asked(url), min_size=1, max_size=size)
    except _UNREACHABLE as error:
        raise StoreUnavailable(target(url), _reason(error)) from error
    try:
        yield pool
    finally:
        try:
            await asyncio.wait_for(pool.close(), CLOSE_S)
        except TimeoutError:
            pool.terminate()


@asynccontextmanager
async def open_connection(url: str) -> AsyncIterator[Connection]:
    """
    Open a connection outside any pool, for LISTEN and for locks that outlive a transaction.

    Raises:
        StoreUnavailable: it cannot be reached now.

    """
    try:
        connection = await asyncpg.connect(**_asked(url))
    except _UNREACHABLE as error:
        raise StoreUnavailable(target(url), _reason(error)) from error
    try:
        yield connection
    finally:
        try:
            await connection.close(timeout=CLOSE_S)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection.terminate()


@asynccontextmanager
async def acquire(pool: Pool) -> AsyncIterator[Connection]:
    """
    Borrow a connection; each statement is a transaction of its own.

    Raises:
        StoreUnavailable: none is free in time, or PostgreSQL went away meanwhile.
        InvalidValue: a text holds a NUL character, which PostgreSQL cannot store.

    """
    try:
        connection = await pool.acquire(timeout=ACQUIRE_S)
    except _UNREACHABLE as error:
        raise StoreUnavailable(None, _reason(error)) from error
    try:
        yield connection
    except asyncpg.CharacterNotInRepertoireError as error:
        raise InvalidValue("$", "a text contains a NUL character") from error
    except asyncpg.InternalClientError as error:
        # The server died between two packets, and asyncpg had not noticed when it went on.
        raise StoreUnavailable(None, _reason(error)) from error
    except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if (loss := _loss(error)) is not None:
            raise StoreUnavailable(None, _reason(loss)) from error
        raise
    finally:
        await _release(pool, connection)


@asynccontextmanager
async def transaction(pool: Pool) -> AsyncIterator[Connection]:
    """Borrow a connection for one transaction; an exception rolls it back. Raises as `acquire`."""
    async with acquire(pool) as connection, connection.transaction():
        yield connection


async def _release(pool: Pool, connection: "PoolConnectionProxy[asyncpg.Record]") -> None:
    """Give a connection back; one that broke meanwhile is closed, and what was done is done."""
    try:
        await pool.release(connection, timeout=ACQUIRE_S)
    except (*_UNREACHABLE, asyncpg.InternalClientError) as error:
        log.warning("connection_lost", error=_reason(error))


async def fetch_planned(
    connection: Connection, query: str, *arguments: object
) -> list[asyncpg.Record]:
    """
    Fetch by a plan for the tables as they are now; for statements over hundreds of rows.

    A plan that is kept from when a table was empty reads all of it: in a shop's first sale that was
    two thirds of PostgreSQL's time, until autovacuum came. Planning takes a millisecond.
    """
    statement = await connection.prepare(query)
    return await statement.fetch(*arguments)


async def is_pooled(connection: Connection) -> bool:
    """Whether a pooler stands between: the one who greeted is not the one who answers."""
    answering: int = await connection.fetchval("SELECT pg_backend_pid()")
    return connection.get_server_pid() != answering


def _asked(url: str) -> dict[str, Any]:
    """Return how to connect; what asyncpg is told in another way is taken out of the URL."""
    settings = {
        "timeout": CONNECT_S,
        "command_timeout": COMMAND_S,
        "server_settings": {"application_name": "liveshop"},
    }
    parts = urlsplit(url)
    options = parse_qsl(parts.query, keep_blank_values=True)
    rest = urlencode([each for each in options if each[0] != _CACHE], safe="/:")
    sizes = [value for name, value in options if name == _CACHE]
    if not sizes:
        return {"dsn": url, **settings}
    return {"dsn": urlunsplit(parts._replace(query=rest)), _CACHE: int(sizes[-1]), **settings}


def _loss(error: BaseException | None) -> Exception | None:
    """
    Return the loss of the connection that led to ``error``, if one did.

    To roll back on a lost connection fails once more, with the loss as the context.
    """
    while error is not None:
        if isinstance(error, asyncpg.PostgresConnectionError | asyncpg.AdminShutdownError):
            return error
        error = error.__context__
    return None


def target(url: str) -> str:
    """Name the server and the database of ``url``, and nothing that must stay secret."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or parse_qs(parts.query).get("host", ["localhost"])[0]
        return f"{host}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        return "an unreadable URL"


def _reason(error: Exception) -> str:
    if isinstance(error, ValueError | asyncpg.ClientConfigurationError):
        # asyncpg's own sentence may quote a piece of the password.
        return "its URL is not one such as postgresql://user:password@host:5432/database"
    return str(error) or ("no answer in time" if isinstance(error, TimeoutError) else repr(error))
