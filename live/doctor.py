"""
``liveshop doctor``: whether this machine and these settings can run a shop, and what to do if not.

Each check is one line: ok, warn (it runs, and something should be better) or fail. It changes
nothing.
"""

import asyncio
import os
import platform
import shutil
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import asyncpg
import redis.asyncio as redis

from commerce.errors import StoreUnavailable
from commerce.offers.link import open_client
from commerce.store.migrate import outstanding
from commerce.store.pool import open_connection
from live.app import rooms_url
from live.config import Config, unknown
from live.embedded import Services
from live.finding import Finding
from live.media.checkup import video
from live.pages.site import DIST
from rooms.brokers.subscription import SHARDED
from rooms.brokers.topology import read_topology

OLDEST_POSTGRES: Final = 140_000
OLDEST_REDIS: Final = (6, 2)
NO_EVICTION: Final = "noeviction"
ANSWER_S: Final = 3.0
CLOCK_MS: Final = 250.0
"""Countdowns run on the server's clock and gates on Redis': this much apart is seen by buyers."""


async def examine(
    config: Config, services: Services, environ: Mapping[str, str]
) -> AsyncIterator[Finding]:
    """Check one thing after the other."""
    yield _python()
    yield _data_dir(config.data_dir)
    for finding in _settings(config, environ):
        yield finding
    async for finding in _postgres(services.database_url):
        yield finding
    async for finding in _gate(services.redis_url):
        yield finding
    async for finding in _rooms(rooms_url(config, services)):
        yield finding
    async for finding in video(config):
        yield finding
    yield _web_pages()
    yield _node()


def _python() -> Finding:
    # Too old a Python cannot even install liveshop.
    return Finding("ok", "Python", platform.python_version())


def _data_dir(folder: Path) -> Finding:
    place = folder if folder.exists() else folder.resolve().parent
    if not os.access(place, os.W_OK):
        return Finding(
            "fail", "Data directory", f"{folder} cannot be written; set LIVESHOP_DATA_DIR"
        )
    free = shutil.disk_usage(place).free / 1024**3
    if free < 1:
        return Finding("warn", "Data directory", f"{folder}: only {free:.1f} GiB are free")
    return Finding("ok", "Data directory", f"{folder}, {free:.0f} GiB free")


def _settings(config: Config, environ: Mapping[str, str]) -> list[Finding]:
    findings = [
        Finding("warn", "Settings", f"{name} is no setting of liveshop; is it misspelt?")
        for name in unknown(environ)
    ]
    if config.database_url and not config.secret:
        text = "LIVESHOP_SECRET is not set; every machine would sign tokens with a key of its own"
        findings.append(Finding("warn", "Settings", text))
    if config.host not in ("127.0.0.1", "localhost", "::1") and not config.public_url:
        text = "LIVESHOP_PUBLIC_URL is not set; payment gateways need it to reach this server"
        findings.append(Finding("warn", "Settings", text))
    return findings or [Finding("ok", "Settings", "all understood")]


async def _postgres(url: str) -> AsyncIterator[Finding]:
    try:
        async with open_connection(url) as connection:
            number = int(await connection.fetchval("SHOW server_version_num"))
            version = str(await connection.fetchval("SHOW server_version"))
            waiting = await outstanding(connection)
    except (StoreUnavailable, asyncpg.PostgresError, OSError) as error:
        yield Finding("fail", "PostgreSQL", f"{error}; check LIVESHOP_DATABASE_URL")
        return
    if number < OLDEST_POSTGRES:
        yield Finding("fail", "PostgreSQL", f"{version}: 14 or newer is needed")
    else:
        yield Finding("ok", "PostgreSQL", version)
    if waiting:
        text = f"{len(waiting)} migrations wait; run liveshop migrate"
        yield Finding("fail", "Schema", text)
    else:
        yield Finding("ok", "Schema", "up to date")


async def _gate(url: str) -> AsyncIterator[Finding]:
    try:
        async with asyncio.timeout(ANSWER_S), open_client(url) as client:
            info = await client.info()
            seconds, microseconds = await client.time()
            ours_ms = time.time() * 1000
    except (redis.RedisError, OSError, TimeoutError) as error:
        text = f"{str(error) or 'no answer'}; check LIVESHOP_REDIS_URL"
        yield Finding("fail", "Redis", text)
        return
    yield _version(info, "Redis")
    if not info.get("aof_enabled"):
        text = "without an append-only file a restart forgets every hold; set appendonly yes"
        yield Finding("warn", "Redis AOF", text)
    else:
        yield Finding("ok", "Redis AOF", "on")
    policy = str(info.get("maxmemory_policy", "unknown"))
    if policy != NO_EVICTION:
        text = f"{policy}: a full Redis would forget holds; set maxmemory-policy noeviction"
        yield Finding("fail", "Redis memory", text)
    else:
        yield Finding("ok", "Redis memory", policy)
    apart_ms = abs(ours_ms - (seconds * 1000 + microseconds / 1000))
    if apart_ms > CLOCK_MS:
        text = f"Redis is {apart_ms:.0f} ms away from this machine; run NTP on both"
        yield Finding("warn", "Clock", text)
    else:
        yield Finding("ok", "Clock", f"{apart_ms:.0f} ms from Redis'")


async def _rooms(url: str) -> AsyncIterator[Finding]:
    """Check every server that holds rooms; they may forget, and viewers take a snapshot then."""
    topology = read_topology(url)
    try:
        owners = await topology.survey(())
    except redis.RedisError as error:
        yield Finding("fail", "Rooms", f"{error}; check LIVESHOP_ROOMS_REDIS_URL")
        return
    if missing := owners.count(None):
        text = f"nobody holds {missing} of {len(owners)} hash slots; check CLUSTER INFO"
        yield Finding("fail", "Rooms", text)
    for address in sorted({owner for owner in owners if owner is not None}):
        try:
            async with (
                asyncio.timeout(ANSWER_S),
                redis.Redis.from_pool(topology.pool(address)) as client,
            ):
                info = await client.info()
                sharded = bool(await client.eval(SHARDED, 0))
        except (redis.RedisError, OSError, TimeoutError) as error:
            yield Finding("fail", "Rooms", f"{address}: {str(error) or 'no answer'}")
        else:
            yield _room_server(address, info, sharded=sharded)


def _room_server(address: str, info: Mapping[str, Any], *, sharded: bool) -> Finding:
    version = _version(info, "Rooms")
    policy = str(info.get("maxmemory_policy", "unknown"))
    if version.verdict == "fail":
        return Finding("fail", "Rooms", f"{address}: {version.detail}")
    detail = f"{address}: {version.detail}, {'sharded' if sharded else 'plain'} pub/sub"
    advice = []
    if not info.get("aof_enabled"):
        advice.append("set appendonly yes, or a restart forgets what was said last")
    if policy != NO_EVICTION:
        advice.append(f"set maxmemory-policy noeviction; {policy} forgets what rooms said")
    if info.get("cluster_enabled") and not sharded:
        advice.append("7.0 or newer would not send every message to every node")
    return Finding("warn" if advice else "ok", "Rooms", "; ".join((detail, *advice)))


def _version(info: Mapping[str, Any], subject: str) -> Finding:
    version = str(info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST_REDIS:
        return Finding("fail", subject, f"{version}: 6.2 or newer is needed")
    return Finding("ok", subject, version)


def _web_pages() -> Finding:
    if not (DIST / "index.html").exists():
        return Finding("warn", "Web pages", "not built; run make web")
    return Finding("ok", "Web pages", "built")


def _node() -> Finding:
    found = shutil.which("node")
    if found is None:
        text = "no node on PATH; only needed to build the web pages"
        return Finding("warn", "Node.js", text)
    return Finding("ok", "Node.js", found)


async def collect(config: Config, services: Services, environ: Mapping[str, str]) -> list[Finding]:
    """Return every finding."""
    async with asyncio.timeout(60):
        return [finding async for finding in examine(config, services, environ)]
