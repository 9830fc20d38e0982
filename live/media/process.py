"""
The media process: WHIP and WHEP signalling on a socket of its own, video on its UDP port.

It is a process of its own so that video never delays a purchase: `liveshop serve` passes the few
signalling requests on (`live.media.front`), and no packet of media ever touches its loop. When this
process dies, rooms and sales go on; the supervisor starts it again, and publishers and players come
back by themselves.
"""

import asyncio
import fcntl
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from typing import Final
from urllib.parse import urlsplit

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from commerce.store.pool import open_pool
from live import readiness
from live.api.bodies import Readiness
from live.auth import Tokens
from live.config import Config, signing_secret
from live.embedded import Services
from live.lifetime import tell_ready, told_to_stop
from live.listener import AddressInUse, Server, http_config, listen
from live.media import whep, whip
from live.media.door import Door
from live.media.hls.channels import open_channels
from live.media.hls.routes import Hls
from live.media.ice import Port, open_port
from live.media.metrics import MediaMetrics
from live.media.onair import OnAir
from live.media.peer import SILENT_S
from live.media.recording.recorder import open_recorder
from live.media.stage import open_stages
from live.media.studio import Studio
from live.media.wire import socket_path
from live.metrics_port import open_metrics_port
from live.middleware import failed, refused
from live.telemetry import exposition, measured_loop

CONNECTIONS: Final = 3
"""To PostgreSQL: offers are a few a second, and each asks once."""

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")

log = structlog.get_logger()


@contextmanager
def listening(config: Config) -> Iterator[socket.socket]:
    """
    Listen where `liveshop serve` looks: on a Unix socket, or on the port of ``LIVESHOP_MEDIA_URL``.

    Raises:
        AddressInUse: another media process, or something else, is there.

    """
    if config.media_url is not None:
        with listen(config.host, urlsplit(config.media_url).port or 80) as listener:
            yield listener
        return
    path = socket_path(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    # The lock says whether whoever bound the socket is still alive; the socket itself does not.
    with path.with_suffix(".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AddressInUse(f"another liveshop media process listens at {path}") from None
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(128)
            try:
                yield listener
            finally:
                path.unlink(missing_ok=True)


@asynccontextmanager
async def open_studio(
    config: Config, services: Services, *, silent_s: float = SILENT_S
) -> AsyncIterator[Studio]:
    """
    Run the parts of a media process for as long as the block lasts.

    Raises:
        StoreUnavailable: PostgreSQL cannot be reached.
        AddressInUse: the UDP port is taken.
        ConfigError: the secret cannot be read.

    """
    tokens = Tokens(signing_secret(config), hours=config.token_hours)
    metrics = MediaMetrics()
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        pool = await enter(open_pool(services.database_url, size=CONNECTIONS))
        port = stack.enter_context(_port(config))

        async def live() -> frozenset[str]:
            return stages.live

        def end(show: str) -> None:
            stages.close(show)
            channels.end(show)

        async def ready() -> Readiness:
            return readiness.readiness({"postgres": await readiness.postgres(pool)})

        on_air = OnAir(pool, live, end)
        days = config.recording_days
        recorder = await enter(open_recorder(config.recordings, days=days)) if days else None
        channels = await enter(open_channels(lambda show: stages.public_source(show), recorder))

        for how in ("copied", "transcoded"):
            metrics.packaged.labels(how).set_function(
                partial(channels.count, transcoding=how == "transcoded")
            )

        def changed(show: str) -> None:
            on_air.changed(show)
            channels.changed(show)

        tasks = await enter(asyncio.TaskGroup())
        stages = await enter(
            open_stages(
                port,
                metrics,
                changed,
                viewers_most=config.media_viewers,
                silent_s=silent_s,
            )
        )
        writing = tasks.create_task(on_air.run())
        stack.push_async_callback(on_air.farewell)
        stack.callback(writing.cancel)
        await enter(measured_loop(metrics.loop_lag))
        await enter(open_metrics_port(config, metrics.registry, ready))
        log.info("media_listening", udp_port=port.number, addresses=len(port.candidates))
        yield Studio(
            door=Door(pool, tokens),
            stages=stages,
            channels=channels,
            metrics=metrics,
            ice_servers=config.ice_servers,
        )


@contextmanager
def _port(config: Config) -> Iterator[Port]:
    with ExitStack() as stack:
        try:
            port = stack.enter_context(
                open_port(
                    config.media_port,
                    loopback=config.host in LOOPBACK,
                    announced=config.media_addresses,
                )
            )
        except OSError as error:
            raise AddressInUse(
                f"UDP port {config.media_port} cannot be used: {error.strerror}; choose another "
                "with LIVESHOP_MEDIA_PORT"
            ) from error
        yield port


def media(studio: Studio) -> Starlette:
    """Return the ASGI application over ``studio``."""
    application = Starlette(
        routes=[
            *whip.ROUTES,
            *whep.ROUTES,
            *Hls(studio.channels).routes(),
            # For `liveshop serve` alone, which asks whose show it is.
            Route("/media/{show}", _status),
            Route("/metrics/media", _metrics),
        ],
        exception_handlers={HTTPException: refused, Exception: failed},
    )
    application.state.studio = studio
    return application


async def _status(request: Request) -> Response:
    studio: Studio = request.app.state.studio
    status = studio.status(request.path_params["show"])
    return Response(msgspec.json.encode(status), media_type="application/json")


async def _metrics(request: Request) -> Response:
    studio: Studio = request.app.state.studio
    return exposition(studio.metrics.registry)


async def serve_media(
    config: Config, services: Services, listener: socket.socket, environ: Mapping[str, str]
) -> None:
    """
    Serve until told to stop.

    Raises:
        StoreUnavailable, AddressInUse, ConfigError: see `open_studio`.

    """
    async with told_to_stop(environ) as stop, open_studio(config, services) as studio:
        server = Server(lambda: tell_ready(environ), http_config(media(studio)))
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(server.serve([listener]))
            stopping = tasks.create_task(stop.wait())
            await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            server.should_exit = True
    log.info("stopped")
