"""
What each command of ``liveshop`` does, once its settings are read.

A command returns its exit code, or raises one of the errors that ``live.cli`` tells in a sentence.
"""

import argparse
import asyncio
import os
import secrets
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path
from typing import Final, NoReturn

import structlog
import uvloop
from rich.console import Console
from rich.table import Table

from commerce.catalogue_import import ImportReport, import_file
from commerce.checkout import Checkout
from commerce.drift import Drift
from commerce.money import Money
from commerce.offers.epoch import open_epochs, try_open
from commerce.offers.fence import Fence
from commerce.offers.reconcile import Reconciler
from commerce.offers.stock import open_gate
from commerce.payments.reconcile import Reconciled, Reconciliation
from commerce.store import accounts
from commerce.store.migrate import migrate as apply_migrations, outstanding
from commerce.store.pool import open_connection, open_pool, transaction
from commerce.writer import open_writer
from live import demo as demo_process, doctor as doctor_process, embedded
from live.announcer import open_announcer
from live.api.accounts import role_of
from live.app import open_gateways, return_url, rooms_url, sandbox_of
from live.auth import Passwords, Tokens
from live.config import Config, signing_secret
from live.embedded import Services
from live.lifetime import told_to_renew, told_to_stop
from live.listener import listen_beside
from live.metrics_port import queues
from live.serve import LISTEN_FD, listening, serve as serve_process
from live.supervisor import Child, Kept, kept_running, liveshop
from live.telemetry import Metrics
from live.work import refuse_pooler, working
from rooms.brokers.redis import open_redis_broker

REFUSED_SHOWN: Final = 50
"""More lines than anyone mends before trying again."""

Command = Callable[[Config, argparse.Namespace], int]

log = structlog.get_logger()


class Failed(Exception):
    """A command cannot do what it was asked to; ``str`` says why, and what to do."""


def demo(config: Config, options: argparse.Namespace) -> int:
    """Run a whole shop with a show and a crowd."""
    with listening(config, os.environ) as listener, _services(config) as services:
        plan = demo_process.Plan(
            config=config,
            services=services,
            embedded=config.database_url is None,
            viewers=options.viewers if options.crowd else 0,
            video=options.video and config.media != "off",
        )
        asyncio.run(demo_process.run(plan, listener, os.environ))
    return 0


def serve(config: Config, options: argparse.Namespace) -> int:
    """Serve HTTP and the rooms."""
    with listening(config, os.environ) as listener, _services(config) as services:
        work_too = config.database_url is None and not options.no_work
        is_child = LISTEN_FD in os.environ
        if not is_child:
            asyncio.run(_prepare(config, services))
        if is_child or (config.workers == 1 and not work_too):
            uvloop.run(serve_process(config, services, listener, os.environ))
        else:
            asyncio.run(_supervise(config, services, listener, work_too=work_too))
    return 0


def work(config: Config, options: argparse.Namespace) -> int:
    """Write orders, sweep, relay, refund, and deliver webhooks."""

    async def run() -> None:
        await _prepare(config, services)
        await refuse_pooler(services)
        async with told_to_stop(os.environ) as stop, working(config, services):
            log.info("working")
            await stop.wait()
        log.info("stopped")

    with _services(config) as services:
        uvloop.run(run())
    return 0


def media(config: Config, options: argparse.Namespace) -> int:
    """Carry the video: WHIP in, WHEP out."""
    if config.media != "builtin":
        raise Failed(f"LIVESHOP_MEDIA is {config.media}: there is nothing to do for liveshop media")

    # Only here: no other process needs codecs and DTLS in its memory.
    from live.media.process import listening as media_listening, serve_media

    async def run() -> None:
        await _prepare(config, services)
        await serve_media(config, services, listener, os.environ)

    # asyncio's own loop: video spends its time in sendto and in SRTP, and uvloop gained nothing.
    with media_listening(config) as listener, _services(config) as services:
        asyncio.run(run())
    return 0


def migrate(config: Config, options: argparse.Namespace) -> int:
    """Bring the database's schema up to date."""
    with _services(config) as services:
        asyncio.run(refuse_pooler(services))
        applied = asyncio.run(apply_migrations(services.database_url))
    Console().print("\n".join(applied) or "the schema is up to date")
    return 0


def import_products(config: Config, options: argparse.Namespace) -> int:
    """Import a product file; 1 if nothing was written."""
    path: Path = options.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Failed(f"{path} cannot be read: {error.strerror}") from error

    async def run() -> ImportReport:
        await _prepare(config, services)
        async with open_pool(services.database_url, size=1) as pool:
            return await import_file(
                pool, data, currency=config.currency, skip_refused=options.skip_refused
            )

    with _services(config) as services:
        report = asyncio.run(run())
    return _tell_import(report)


def token(config: Config, options: argparse.Namespace) -> int:
    """Print a token; without an account of this address, make one first."""

    async def run() -> tuple[str, str | None]:
        await _prepare(config, services)
        password = secrets.token_urlsafe(12)
        email = options.email or f"{secrets.token_hex(6)}@tokens.invalid"
        async with open_pool(services.database_url, size=1) as pool:
            async with transaction(pool) as connection:
                found = await accounts.find_by_email(connection, email)
            if found is not None and role_of(found[0]) != options.role:
                raise Failed(f"{email} is a {role_of(found[0])}, not a {options.role}")
            if found is None:
                password_hash = await Passwords().hash(password)
                async with transaction(pool) as connection:
                    account = await accounts.register(
                        connection,
                        kind=options.role,
                        name=options.user,
                        email=email,
                        password_hash=password_hash,
                    )
            else:
                account = found[0]
        tokens = Tokens(signing_secret(config), hours=config.token_hours)
        text, _ = tokens.issue(
            account=account.id, name=account.name, role=role_of(account), now=time.time()
        )
        return text, password if found is None and options.email else None

    with _services(config) as services:
        text, password = asyncio.run(run())
    sys.stdout.write(f"{text}\n")
    if password is not None:
        sys.stderr.write(f"a new account: sign in as {options.email} with {password}\n")
    return 0


def reconcile(config: Config, options: argparse.Namespace) -> int:
    """Compare the gate with the ledger; 1 if something is off and was not mended."""
    if options.payments:
        return _reconcile_payments(config, options)

    async def run() -> list[Drift]:
        await _prepare(config, services)
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            pool = await enter(open_pool(services.database_url, size=3))
            gate = await enter(open_gate(services.redis_url, Fence()))
            seen = await enter(open_epochs(services.redis_url))
            broker = await enter(open_redis_broker(rooms_url(config, services)))
            announcer = await enter(open_announcer(broker, Metrics()))
            writer = await enter(open_writer(services.redis_url, pool, gate, seen, announcer))
            reconciler = Reconciler(pool, gate, seen, writer, announcer)
            return await reconciler.reconcile(mend=options.mend)

    with _services(config) as services:
        found = asyncio.run(run())
    _tell_drift(found)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    if not found:
        console.print("the gate and the ledger agree")
    elif not options.mend:
        console.print("mend the gate with liveshop reconcile --mend")
    return 0 if all(drift.mended for drift in found) else 1


def _reconcile_payments(config: Config, options: argparse.Namespace) -> int:
    """Compare the gateways' statements with the books; 1 as above."""
    until = time.time_ns() // 1_000_000
    since = until - options.days * 86_400_000

    async def run() -> Reconciled:
        await _prepare(config, services)
        async with AsyncExitStack() as stack:
            enter = stack.enter_async_context
            pool = await enter(open_pool(services.database_url, size=3))
            fence = Fence()
            gate = await enter(open_gate(services.redis_url, fence))
            await try_open(pool, await enter(open_epochs(services.redis_url)), fence)
            broker = await enter(open_redis_broker(rooms_url(config, services)))
            announcer = await enter(open_announcer(broker, Metrics()))
            gateways = await enter(open_gateways(config, sandbox_of(config, pool)))
            checkout = Checkout(
                pool,
                gate,
                announcer,
                gateways=gateways,
                return_url=lambda order: return_url(config, order),
            )
            reconciliation = Reconciliation(pool, checkout, gateways)
            return await reconciliation.reconcile(since, until, mend=options.mend)

    with _services(config) as services:
        done = asyncio.run(run())
    _tell_drift(done.drift)
    console = Console(soft_wrap=True, highlight=False, markup=False)
    console.print(f"{done.compared} captures and refunds compared")
    for total in done.totals:
        captured, kept, refunded = (
            Money(minor, total.currency)
            for minor in (total.captured_minor, total.kept_minor, total.refunded_minor)
        )
        console.print(f"{captured} captured = {kept} kept + {refunded} given back")
    if not done.drift:
        console.print("the gateways and the books agree")
    return 0 if all(drift.mended for drift in done.drift) else 1


def doctor(config: Config, options: argparse.Namespace) -> int:
    """Check everything; 1 if something cannot work."""
    with _services(config) as services:
        findings = asyncio.run(doctor_process.collect(config, services, os.environ))
    console = Console(soft_wrap=True, highlight=False)
    colours = {"ok": "green", "warn": "yellow", "fail": "red"}
    for finding in findings:
        colour = colours[finding.verdict]
        console.print(f"[{colour}]{finding.verdict:<5}[/]{finding.subject:<16}", end="")
        console.print(finding.detail, markup=False)
    return 1 if any(finding.verdict == "fail" for finding in findings) else 0


# -- Shared ---------------------------------------------------------------------------------------


@contextmanager
def _services(config: Config) -> Iterator[Services]:
    """Give the servers of the settings, or run the embedded ones."""
    if config.database_url is not None and config.redis_url is not None:
        yield Services(database_url=config.database_url, redis_url=config.redis_url)
    else:
        with embedded.services(config.data_dir) as services:
            yield services


async def _prepare(config: Config, services: Services) -> None:
    """
    Make sure of the schema. An embedded database is ours to bring up to date; another is not.

    Raises:
        Failed: the schema is not what this version needs.

    """
    if config.database_url is None:
        await apply_migrations(services.database_url)
        return
    async with open_connection(services.database_url) as connection:
        if waiting := await outstanding(connection):
            raise Failed(
                f"the database is not up to date ({len(waiting)} migrations wait): "
                "run liveshop migrate"
            )


async def _supervise(
    config: Config, services: Services, listener: socket.socket, *, work_too: bool
) -> None:
    """Keep web processes running; beside them a worker and the video if the database is ours."""
    environ = {
        "LIVESHOP_DATABASE_URL": services.database_url,
        "LIVESHOP_REDIS_URL": services.redis_url,
        "LIVESHOP_DATA_DIR": str(config.data_dir),
        "LIVESHOP_HOST": config.host,
        "LIVESHOP_PORT": str(config.port),
    }
    with ExitStack() as stack:
        asked = stack.enter_context(queues(config))
        # The queues are ours: a worker that dies loses nobody who waits in its own.
        beside = [stack.enter_context(listen_beside(listener)) for _ in range(1, config.workers)]
        web = []
        for number, queue in enumerate([listener, *beside], 1):
            told, given = asked.next()
            web.append(
                Child(
                    name=f"serve-{number}",
                    command=liveshop("serve", "--no-work"),
                    environ={**environ, **told, LISTEN_FD: str(queue.fileno())},
                    pass_fds=(queue.fileno(), *given),
                    tells_ready=True,
                    drains_s=config.drain_seconds,
                )
            )
        children = []
        for name in _beside_web(config) if work_too else ():
            told, given = asked.next()
            children.append(
                Child(
                    name=name, command=liveshop(name), environ={**environ, **told}, pass_fds=given
                )
            )
        children += web
        async with (
            told_to_stop(os.environ) as stop,
            told_to_renew() as renew,
            kept_running(children) as kept,
            asyncio.TaskGroup() as tasks,
        ):
            renewing = tasks.create_task(_renew_when_told(kept, renew))
            await stop.wait()
            renewing.cancel()


def _beside_web(config: Config) -> tuple[str, ...]:
    return ("work", "media") if config.media == "builtin" else ("work",)


async def _renew_when_told(kept: Kept, renew: asyncio.Event) -> NoReturn:
    while True:
        await renew.wait()
        renew.clear()
        await kept.renew()


def _tell_drift(found: list[Drift]) -> None:
    console = Console(soft_wrap=True, highlight=False, markup=False)
    for drift in found:
        console.print(f"{'mended' if drift.mended else 'drift'}: {drift.detail}")


def _tell_import(report: ImportReport) -> int:
    console = Console()
    if report.refused:
        table = Table("Line", "Column", "What is wrong")
        for line in report.refused[:REFUSED_SHOWN]:
            table.add_row(str(line.line), line.column or "", line.detail)
        console.print(table)
        if len(report.refused) > REFUSED_SHOWN:
            console.print(f"… and {len(report.refused) - REFUSED_SHOWN} more")
    if report.created + report.updated == 0:
        console.print("nothing was imported; mend these lines, or leave them out: --skip-refused")
        return 1
    console.print(
        f"{report.created} products created, {report.updated} updated, {report.variants} variants"
    )
    return 0
