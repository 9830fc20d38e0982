"""
Where the rooms' Redis is: one server, whichever sentinels call the master, or a Redis Cluster.

A topology is read from a URL and knows how to connect, and whom to ask which server holds what.
Invariant: of several answers it believes the newest, by the epoch that Redis itself votes on; a
server that was cut off from the others cannot lead a worker astray.
"""

import asyncio
from collections.abc import Iterable
from typing import Any, Final, NewType, Protocol
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

from msgspec import Struct
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.crc import REDIS_CLUSTER_HASH_SLOTS
from redis.exceptions import RedisError

CONNECT_S: Final = 1.0
"""A Redis that is up accepts within milliseconds."""

ANSWER_S: Final = 1.0
"""Whoever is asked where the rooms are answers at once, or is not believed."""

CONNECTIONS: Final = 16
"""Commands in flight to one server, far more than one event loop keeps busy."""

SCHEMES: Final = (
    "redis",
    "rediss",
    "unix",
    "redis+cluster",
    "rediss+cluster",
    "redis+sentinel",
    "rediss+sentinel",
)

Address = NewType("Address", str)
"""``host:port``, or the path of a socket."""

Owners = list[Address | None]
"""Which server holds each hash slot, None where none does; one entry where one holds them all."""

SILENT: Final = (RedisError, OSError, TimeoutError)
"""What someone who does not answer, or not well, comes to."""


class NobodyAnswers(RedisError):
    """Nobody who was asked knows where the rooms are."""


class Topology(Protocol):
    """The servers that hold rooms."""

    async def survey(self, known: Iterable[Address]) -> Owners:
        """
        Ask who holds what; ``known`` are servers that held something before.

        Raises:
            NobodyAnswers: nothing is known; a later survey may be luckier.

        """

    def pool(self, address: Address) -> BlockingConnectionPool:
        """Make the connections to one server."""


class OneServer:
    """A server that holds every room."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        where = options.get("path") or f"{options.get('host', 'localhost')}"
        self._address = Address(where if "path" in options else f"{where}:{_port(options)}")

    async def survey(self, known: Iterable[Address]) -> Owners:
        """Return the one server there is."""
        return [self._address]

    def pool(self, address: Address) -> BlockingConnectionPool:
        """Make the connections to it."""
        return _pool(self._options)


class Sentinels:
    """A master that holds every room, and those who say which server that is."""

    def __init__(
        self,
        sentinels: list[Address],
        service: str,
        options: dict[str, Any],
        sentinel_options: dict[str, Any],
    ) -> None:
        self._sentinels = sentinels
        self._service = service
        self._options = options
        self._sentinel_options = sentinel_options

    async def survey(self, known: Iterable[Address]) -> Owners:
        """Ask every sentinel for the master, and believe the one whose word is the newest."""
        views = await asyncio.gather(*map(self._view, self._sentinels))
        return _newest(views, f"sentinel knows the master of {self._service}")

    def pool(self, address: Address) -> BlockingConnectionPool:
        """Make the connections to a master."""
        return _pool(self._options, address)

    async def _view(self, sentinel: Address) -> "_View | None":
        pool = _pool(self._sentinel_options, sentinel)
        try:
            [said] = await _ask(pool, ("SENTINEL", "MASTER", self._service))
        except SILENT:
            return None
        fields = dict(zip(said[::2], said[1::2], strict=True))
        master = Address(f"{fields[b'ip'].decode()}:{fields[b'port'].decode()}")
        return _View(True, int(fields[b"config-epoch"]), [master])


class Cluster:
    """A Redis Cluster: each server holds a share of the slots."""

    def __init__(self, seeds: list[Address], options: dict[str, Any]) -> None:
        self._seeds = seeds
        self._options = options

    async def survey(self, known: Iterable[Address]) -> Owners:
        """Ask every node for the slots, and believe the one whose word is the newest."""
        views = await asyncio.gather(*map(self._view, {*known, *self._seeds}))
        return _newest(views, "node of the Redis Cluster answers")

    def pool(self, address: Address) -> BlockingConnectionPool:
        """Make the connections to one node."""
        return _pool(self._options, address)

    async def _view(self, node: Address) -> "_View | None":
        try:
            info, shares = await _ask(self.pool(node), ("CLUSTER", "INFO"), ("CLUSTER", "SLOTS"))
        except SILENT:
            return None
        fields = dict(line.split(":") for line in info.decode().split())
        owners: Owners = [None] * REDIS_CLUSTER_HASH_SLOTS
        for first, last, (host, port, *_), *_ in shares:
            # A node that does not know its own name means: as you reached me (CLUSTER SLOTS).
            named = host.decode() if host else node.rpartition(":")[0]
            owners[first : last + 1] = [Address(f"{named}:{port}")] * (last + 1 - first)
        healthy = fields["cluster_state"] == "ok"
        return _View(healthy, int(fields["cluster_current_epoch"]), owners)


def read_topology(url: str) -> Topology:
    """
    Return what ``url`` names.

    - ``redis://[user:password@]host:port/db``, ``rediss://`` with TLS, ``unix://path``
    - ``redis+cluster://[user:password@]host:port,host:port``: any nodes to begin with
    - ``redis+sentinel://[user:password@]host:port,host:port/service[/db]``: the sentinels; the user
      is the server's, and ``?sentinel_username=`` and ``?sentinel_password=`` are theirs

    Options of redis-py's connections may follow as a query, such as ``?ssl_ca_certs=ca.pem``.

    Raises:
        ValueError: with the end of the sentence "this is not ...".

    """
    parts = urlsplit(url)
    scheme, _, shape = parts.scheme.partition("+")
    if parts.scheme not in SCHEMES:
        raise ValueError(f"a URL that begins with {' or '.join(f'{s}://' for s in SCHEMES)}")
    if not shape:
        return OneServer(dict(parse_url(url)))
    user, at, hosts = parts.netloc.rpartition("@")
    addresses = [_address(host, 6379 if shape == "cluster" else 26379) for host in hosts.split(",")]
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    theirs = {name: query.pop(f"sentinel_{name}", None) for name in ("username", "password")}
    service, _, db = unquote(parts.path.strip("/")).partition("/")
    plain = f"{scheme}://{user}{at}nowhere/{db}"
    options = dict(parse_url(f"{plain}?{urlencode(query)}"))
    if shape == "cluster":
        if service or options.get("db"):
            raise ValueError("a URL without a database: a Redis Cluster has only one")
        return Cluster(addresses, options)
    if not service:
        raise ValueError("a URL that names, after a slash, the service that the sentinels watch")
    if db and not db.isdecimal():
        raise ValueError("a URL that names its database by number")
    not_theirs = ("username", "password", "db")
    shared = {name: value for name, value in options.items() if name not in not_theirs}
    return Sentinels(addresses, service, options, shared | theirs)


class _View(Struct, frozen=True):
    """What one of them says; ``healthy`` is whether it is in touch with most of the others."""

    healthy: bool
    epoch: int
    owners: Owners


async def _ask(pool: BlockingConnectionPool, *questions: tuple[str, ...]) -> list[Any]:
    """Return the answers of someone whom nobody asks anything else."""
    client: Any = Redis.from_pool(pool)
    async with asyncio.timeout(ANSWER_S), client:
        return [await client.execute_command(*question) for question in questions]


def _newest(views: Iterable[_View | None], hoped: str) -> Owners:
    heard = [view for view in views if view is not None]
    if not heard:
        raise NobodyAnswers(f"no {hoped}")
    return max(heard, key=lambda view: (view.healthy, view.epoch)).owners


def _address(text: str, default_port: int) -> Address:
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port or default_port
    except ValueError:
        host, port = None, 0
    if not host:
        raise ValueError("a URL that names hosts and ports, separated by commas")
    return Address(f"{host}:{port}")


def _port(options: dict[str, Any]) -> int:
    return int(options.get("port", 6379))


def _pool(options: dict[str, Any], address: Address | None = None) -> BlockingConnectionPool:
    where = {}
    if address is not None:
        host, _, port = address.rpartition(":")
        where = {"host": host, "port": int(port)}
    return BlockingConnectionPool(
        **{
            "max_connections": CONNECTIONS,
            # Each call has a deadline of its own; one a read costs a timer and loses cancellations.
            "timeout": None,
            "socket_timeout": None,
            "socket_connect_timeout": CONNECT_S,
            # One try a command: the caller knows better than the driver whether to try again.
            "retry": Retry(NoBackoff(), 0),
            "protocol": 2,
            **options,
            **where,
        }
    )
