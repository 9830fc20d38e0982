"""What a URL says about where the rooms are, and whose word counts about who holds them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from rooms.brokers.topology import Address, NobodyAnswers, read_topology


@pytest.mark.parametrize(
    ("url", "owner", "connects"),
    [
        ("redis://h", "h:6379", {"host": "h"}),
        (
            "redis://ann:p%40ss@h:7000/3",
            "h:7000",
            {"host": "h", "port": 7000, "db": 3, "username": "ann", "password": "p@ss"},
        ),
        ("unix:///run/r.sock?db=2", "/run/r.sock", {"path": "/run/r.sock", "db": 2}),
    ],
)
async def test_one_server_holds_every_room(
    url: str, owner: str, connects: dict[str, object]
) -> None:
    topology = read_topology(url)

    assert await topology.survey(()) == [owner]
    assert connects.items() <= topology.pool(Address(owner)).connection_kwargs.items()


@pytest.mark.parametrize(
    ("url", "connects"),
    [
        ("redis+cluster://h,[::1]:7000", {"host": "a", "port": 7001}),
        ("redis+cluster://:p@h", {"host": "a", "port": 7001, "password": "p"}),
        ("redis+sentinel://ann:p@h/shop/4", {"host": "a", "db": 4, "username": "ann"}),
        ("redis+sentinel://h/shop?sentinel_password=s", {"host": "a", "port": 7001}),
        ("rediss+cluster://h?ssl_ca_certs=ca.pem", {"host": "a", "ssl_ca_certs": "ca.pem"}),
    ],
)
def test_every_server_gets_the_user_and_the_options_of_the_url(
    url: str, connects: dict[str, object]
) -> None:
    pool = read_topology(url).pool(Address("a:7001"))

    assert connects.items() <= pool.connection_kwargs.items()
    assert "sentinel_password" not in pool.connection_kwargs


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("http://h", "begins with redis:// or rediss:// or unix:// or redis+cluster://"),
        ("redis+cluster://h/2", "without a database"),
        ("redis+cluster://", "names hosts and ports"),
        ("redis+cluster://h:port", "names hosts and ports"),
        ("redis+sentinel://h", "the service that the sentinels watch"),
        ("redis+sentinel://h/shop/two", "its database by number"),
    ],
)
def test_a_url_that_means_nothing_is_refused_with_a_sentence(url: str, complaint: str) -> None:
    with pytest.raises(ValueError, match="a URL ") as refused:
        read_topology(url)

    assert complaint in str(refused.value)


Reply = Callable[[list[bytes]], bytes]


@asynccontextmanager
async def answering(reply: Reply) -> AsyncIterator[str]:
    """Serve what a node or a sentinel would say, on a port of its own."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while count := await reader.readline():
            words = []
            for _ in range(int(count[1:])):
                length = int((await reader.readline())[1:])
                words.append((await reader.readexactly(length + 2))[:-2])
            writer.write(b"+OK\r\n" if words[0] == b"CLIENT" else reply(words))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"


def bulk(text: str) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(text), text.encode())


def node(state: str, epoch: int, *shares: tuple[int, int, str, int]) -> Reply:
    def reply(words: list[bytes]) -> bytes:
        if words[1] == b"INFO":
            return bulk(f"cluster_state:{state}\r\ncluster_current_epoch:{epoch}\r\n")
        lines = [b"*%d\r\n" % len(shares)]
        for first, last, host, port in shares:
            lines.append(b"*3\r\n:%d\r\n:%d\r\n*2\r\n%b:%d\r\n" % (first, last, bulk(host), port))
        return b"".join(lines)

    return reply


def sentinel(epoch: int, host: str, port: int) -> Reply:
    fields = ("ip", host, "port", str(port), "config-epoch", str(epoch))
    return lambda words: b"*6\r\n" + b"".join(map(bulk, fields))


async def test_the_node_that_knows_the_newest_epoch_is_believed() -> None:
    async with (
        answering(node("ok", 4, (0, 16383, "old", 1))) as stale,
        answering(node("ok", 5, (0, 99, "", 2), (100, 16382, "new", 3))) as fresh,
        answering(node("fail", 9, (0, 16383, "cut-off", 4))) as lonely,
    ):
        seeds = f"{stale},{fresh},{lonely},127.0.0.1:1"
        owners = await read_topology(f"redis+cluster://{seeds}").survey(())

    # A node that does not name itself is where it was asked.
    assert owners[:100] == ["127.0.0.1:2"] * 100
    assert owners[100:] == [*["new:3"] * 16283, None]


async def test_the_sentinel_that_knows_the_newest_failover_is_believed() -> None:
    async with (
        answering(sentinel(1, "old", 1)) as stale,
        answering(sentinel(2, "new", 2)) as fresh,
    ):
        topology = read_topology(f"redis+sentinel://{stale},{fresh},127.0.0.1:1/shop")

        assert await topology.survey(()) == ["new:2"]


@pytest.mark.parametrize("url", ["redis+cluster://{}", "redis+sentinel://{}/shop"])
async def test_nobody_who_answers_in_time_is_said_so(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rooms.brokers.topology.ANSWER_S", 0.1)
    async with answering(lambda words: b"") as mute, answering(lambda words: b"-ERR no\r\n") as no:
        with pytest.raises(NobodyAnswers):
            await read_topology(url.format(f"{mute},{no}")).survey(())
