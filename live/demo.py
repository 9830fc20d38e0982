"""
``liveshop demo``: a whole shop on one machine, with a show, a host and a crowd, from one command.

Everything it starts ends with it; what dies meanwhile, a child or an embedded server, is started
again. The port is taken before anything else begins, so a port in use costs nobody anything.
"""

import asyncio
import re
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import httpx
import msgspec
import structlog
from msgspec import Struct
from rich.console import Console
from rich.panel import Panel
from rich.table import Table

from commerce.messages import Tally
from commerce.money import Money
from commerce.store.migrate import migrate
from commerce.store.pool import open_pool
from live.api.bodies import Credentials, SignedIn
from live.config import Config
from live.embedded import DataDirectoryError, Services, ensure
from live.lifetime import told_to_stop
from live.metrics_port import Queues, queues
from live.seed import Demo, seed
from live.serve import LISTEN_FD
from live.supervisor import Child, kept_running, liveshop

READY_S: Final = 60.0
"""A cold start on a slow disk; on a good day it takes two seconds."""

ASK_S: Final = 0.1
STATUS_S: Final = 1.0
ENSURE_S: Final = 2.0
"""How often someone looks whether the embedded servers are alive."""

_VIEWERS: Final = re.compile(r"^liveshop_viewers (\S+)$", re.MULTILINE)

log = structlog.get_logger()


class NotReady(Exception):
    """The web process did not come up; ``str`` says where to look."""


class Plan(Struct, frozen=True, kw_only=True):
    """What is wanted: ``viewers`` is 0 for a show without a crowd."""

    config: Config
    services: Services
    embedded: bool
    viewers: int
    video: bool

    @property
    def logs(self) -> Path:
        """Where the children write."""
        return self.config.data_dir / "logs"


async def run(plan: Plan, listener: socket.socket, environ: Mapping[str, str]) -> None:
    """
    Run the demo until told to stop.

    Raises:
        NotReady: the web process did not come up.
        StoreUnavailable, MigrationChanged, ConfigError: the shop cannot be made.

    """
    console = Console(stderr=True)
    async with told_to_stop(environ) as stop:
        with _step(console, "Bring the database up to date"):
            await migrate(plan.services.database_url)
        with _step(console, "Fill the shop"):
            async with open_pool(plan.services.database_url, size=2) as pool:
                demo = await seed(pool, plan.config.data_dir, plan.config.currency)
        with queues(plan.config) as asked:
            children = _children(plan, demo, listener, asked)
            async with _services_kept(plan), kept_running(children):
                with _step(console, "Open the doors"):
                    await _ready(plan, stop)
                if not stop.is_set():
                    console.print(_panel(plan, demo))
                    await _show_status(console, plan, demo, stop)
        console.print("[dim]Everything has stopped. The shop is kept for the next time.[/]")


def _children(plan: Plan, demo: Demo, listener: socket.socket, asked: Queues) -> list[Child]:
    config = plan.config
    told, given = asked.next()
    environ = {
        "LIVESHOP_DATABASE_URL": plan.services.database_url,
        "LIVESHOP_REDIS_URL": plan.services.redis_url,
        "LIVESHOP_DATA_DIR": str(config.data_dir),
        "LIVESHOP_HOST": config.host,
        "LIVESHOP_PORT": str(config.port),
    }
    serve = Child(
        name="serve",
        command=liveshop("serve", "--no-work"),
        environ={**environ, **told, LISTEN_FD: str(listener.fileno())},
        log=plan.logs / "serve.log",
        pass_fds=(listener.fileno(), *given),
        drains_s=config.drain_seconds,
    )
    children = []
    for name in ("work", "media") if config.media == "builtin" else ("work",):
        told, given = asked.next()
        children.append(
            Child(
                name=name,
                command=liveshop(name),
                environ={**environ, **told},
                log=plan.logs / f"{name}.log",
                pass_fds=given,
            )
        )
    children.insert(1, serve)
    host = ("--host-email", demo.email, "--host-password-env", "LIVESHOP_HOST_PASSWORD")
    password = {"LIVESHOP_HOST_PASSWORD": demo.password}
    if plan.video:
        camera = (sys.executable, "-m", "loadtest.camera", "--url", config.base_url)
        children.append(
            Child(
                name="camera",
                command=(*camera, "--show", demo.show, *host),
                environ=password,
                log=plan.logs / "camera.log",
            )
        )
    if plan.viewers:
        crowd = (
            *(sys.executable, "-m", "loadtest.crowd", "--url", config.base_url),
            *("--show", demo.show, "--viewers", str(plan.viewers), *host),
        )
        children.append(
            Child(
                name="crowd",
                command=crowd,
                environ=password,
                log=plan.logs / "crowd.log",
            )
        )
    return children


@asynccontextmanager
async def _services_kept(plan: Plan) -> AsyncIterator[None]:
    """Start an embedded server again when it dies, for as long as the block lasts."""

    async def keep() -> None:
        while True:
            await asyncio.sleep(ENSURE_S)
            try:
                await asyncio.to_thread(ensure, plan.config.data_dir)
            except DataDirectoryError as error:
                log.warning("embedded_server_down", error=str(error))

    async with asyncio.TaskGroup() as tasks:
        keeper = tasks.create_task(keep()) if plan.embedded else None
        try:
            yield
        finally:
            if keeper is not None:
                keeper.cancel()


async def _ready(plan: Plan, stop: asyncio.Event) -> None:
    """Wait until the shop can serve."""
    deadline = time.monotonic() + READY_S
    async with httpx.AsyncClient(base_url=plan.config.base_url, timeout=ASK_S * 20) as client:
        while not stop.is_set():
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            if time.monotonic() > deadline:
                raise NotReady(
                    f"the shop did not come up within {READY_S:.0f} s; see {plan.logs}/serve.log "
                    f"and {plan.logs}/work.log"
                )
            await asyncio.sleep(ASK_S)


# -- What people see ------------------------------------------------------------------------------


@contextmanager
def _step(console: Console, text: str) -> Iterator[None]:
    began = time.monotonic()
    with console.status(f"{text}…"):
        yield
    console.print(f"[green]✓[/] {text} [dim]{time.monotonic() - began:.1f} s[/]")


def _panel(plan: Plan, demo: Demo) -> Panel:
    table = Table.grid(padding=(0, 3))
    url = plan.config.base_url
    table.add_row("[bold]Watch and buy[/]", f"[link]{url}/live/{demo.show}[/]")
    table.add_row("[bold]Host[/]", f"[link]{url}/console[/]")
    table.add_row("", f"sign in as [cyan]{demo.email}[/]  password [cyan]{demo.password}[/]")
    table.add_row("[bold]Logs[/]", str(plan.logs))
    return Panel(table, title="liveshop", subtitle="Ctrl-C stops everything", expand=False)


async def _show_status(console: Console, plan: Plan, demo: Demo, stop: asyncio.Event) -> None:
    """Keep one line of numbers current, where there is a terminal to show it."""
    async with httpx.AsyncClient(base_url=plan.config.base_url, timeout=2.0) as client:
        with console.status("[dim]counting…[/]") as status:
            while not stop.is_set():
                if console.is_terminal:
                    status.update(await _status(client, demo))
                try:
                    async with asyncio.timeout(STATUS_S):
                        await stop.wait()
                except TimeoutError:
                    continue


async def _status(client: httpx.AsyncClient, demo: Demo) -> str:
    try:
        if "authorization" not in client.headers:
            credentials = Credentials(email=demo.email, password=demo.password)
            answer = await client.post(
                "/api/auth/login",
                content=msgspec.json.encode(credentials),
                headers={"content-type": "application/json"},
            )
            answer.raise_for_status()
            token = msgspec.json.decode(answer.content, type=SignedIn).token
            client.headers["authorization"] = f"Bearer {token}"
        answer = await client.get(f"/api/shows/{demo.show}/tally")
        answer.raise_for_status()
        tally = msgspec.json.decode(answer.content, type=Tally)
        found = _VIEWERS.search((await client.get("/metrics")).text)
    except (httpx.HTTPError, msgspec.DecodeError):
        return "[yellow]the web process is not answering; it is being started again[/]"
    viewers = int(float(found[1])) if found else 0
    takings = Money(tally.takings_minor, tally.currency)
    return (
        f"[bold]{viewers}[/] watching · [bold]{tally.orders}[/] orders, "
        f"{tally.awaiting} awaiting payment · [bold]{takings}[/] taken"
    )
