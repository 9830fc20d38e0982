"""
What this project relies on in aiortc and aioice beyond their documentation.

The version is pinned to a minor one; when this test fails after raising it, the parts that it names
have changed, and `live/media` must be read again beside their sources.
"""

import asyncio
import inspect
import tomllib
from importlib.metadata import version
from pathlib import Path

from aioice import stun
from aiortc import RTCCertificate, RTCDtlsTransport
from aiortc.rtcrtpreceiver import StreamStatistics
from aiortc.rtp import HeaderExtensionsMap, RtcpRtpfbPacket, RtpPacket, unwrap_rtx

from live.media.peer import HOOKS

PROJECT = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())


class Wire:
    """A transport under DTLS, as `RTCDtlsTransport` wants it: these three, and nothing else."""

    role = "controlled"

    def __init__(self) -> None:
        self.inbox: asyncio.Queue[bytes] = asyncio.Queue()
        self.other = self

    async def _recv(self) -> bytes:
        return await self.inbox.get()

    async def _send(self, data: bytes) -> None:
        self.other.inbox.put_nowait(data)


def test_the_version_is_pinned_to_the_minor_one_that_was_read() -> None:
    assert "aiortc>=1.16,<1.17" in PROJECT["project"]["dependencies"]
    assert version("aiortc").startswith("1.16.")


async def test_dtls_needs_no_more_of_its_transport_and_leaves_the_keys_where_we_look() -> None:
    ours, theirs = Wire(), Wire()
    ours.other, theirs.other = theirs, ours
    certificates = [RTCCertificate.generateCertificate() for _ in range(2)]
    server, client = (
        RTCDtlsTransport(wire, [certificate])  # type: ignore[arg-type]
        for wire, certificate in zip((ours, theirs), certificates, strict=True)
    )
    server._set_role("server")
    client._set_role("client")

    async with asyncio.timeout(5):
        await asyncio.gather(
            server.start(client.getLocalParameters()), client.start(server.getLocalParameters())
        )

    assert (server.state, client.state) == ("connected", "connected")
    packet = RtpPacket(96, 1, 5, 9, 7, b"payload")
    secret = server._tx_srtp.protect(packet.serialize())
    assert client._rx_srtp.unprotect(secret) == packet.serialize()
    changed = asyncio.Event()
    server.on("statechange", changed.set)
    await client.stop()
    async with asyncio.timeout(5):
        await changed.wait()
    assert server.state == "closed"
    await server.stop()


def test_the_hooks_are_where_they_were() -> None:
    text = inspect.getsource(RTCDtlsTransport)

    assert [hook for hook in HOOKS if hook not in text] == []
    assert "self._transport = transport" in text


def test_packets_are_read_and_written_as_we_use_them() -> None:
    packet = RtpPacket.parse(
        b"\x80\xe0\x00\x05\x00\x00\x00\x09\x00\x00\x00\x07ab", HeaderExtensionsMap()
    )
    repaired = unwrap_rtx(RtpPacket(97, 1, 1, 9, 8, b"\x00\x05ab"), 96, 7)

    assert (packet.payload_type, packet.marker, packet.sequence_number) == (96, 1, 5)
    assert packet.extensions.transport_sequence_number is None
    assert (repaired.sequence_number, repaired.ssrc, repaired.payload) == (5, 7, b"ab")
    nack = RtcpRtpfbPacket(1, 2, 3, [5, 6, 30])
    assert RtcpRtpfbPacket.parse(bytes(nack)[4:], 1).lost == [5, 6, 30]
    statistics = StreamStatistics(90_000)
    statistics.add(packet)
    assert (statistics.cycles, statistics.max_seq, statistics.packets_received) == (0, 5, 1)
    assert (statistics.packets_lost, statistics.fraction_lost, statistics.jitter) == (0, 0, 0)


def test_a_check_of_ice_is_read_and_answered_as_we_do() -> None:
    check = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    check.attributes["USERNAME"] = "ours:theirs"
    check.attributes["USE-CANDIDATE"] = None
    check.add_message_integrity(b"secret")

    read = stun.parse_message(bytes(check))

    assert read.attributes["USERNAME"] == "ours:theirs"
    assert "USE-CANDIDATE" in read.attributes
    assert read.check_message_integrity(b"secret")
    assert not read.check_message_integrity(b"guess")
