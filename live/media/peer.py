"""
One WebRTC connection: DTLS and SRTP over a path that ICE found.

aiortc does the handshake and the keys; its peer connection, tracks, jitter buffers and codecs are
not used, because nothing is decoded here. Invariant: `run` ends by itself, when the other side
leaves, when it is silent for ``silent_s``, or when it never came, and nothing of it is left.

What is used of aiortc beyond its public interface is named in `HOOKS`, and a test knows it.
"""

import asyncio
import secrets
import struct
import time
from contextlib import suppress
from typing import Final, Literal, Protocol

import pylibsrtp
import structlog
from aiortc import RTCCertificate, RTCDtlsFingerprint, RTCDtlsParameters, RTCDtlsTransport
from aiortc.rtp import AnyRtcpPacket, RtcpByePacket, RtcpPacket

from live.media.ice import Path, Port
from live.media.sdp import Offer, Transport

CONNECT_S: Final = 10.0
"""From the answer to keys: a browser on a bad network takes two seconds."""

SILENT_S: Final = 15.0
"""A client checks its path every 2.5 to 6 s (RFC 7675 allows 30 s before consent is over)."""

LOOK_S: Final = 1.0
HANDSHAKE_WAITING: Final = 64
"""DTLS records that may wait: a handshake is two flights of five."""

HOOKS: Final = ("_recv", "_send", "_set_role", "_rx_srtp", "_tx_srtp")
"""What `RTCDtlsTransport` has, or wants of the transport under it, that is not documented."""

Ended = Literal["left", "silent", "never_came", "closed", "failed"]

log = structlog.get_logger()


class Media(Protocol):
    """What is on top of a connection."""

    def connected(self) -> None:
        """Hear that packets can be sent from now on."""
        ...

    def rtp(self, data: bytes) -> None:
        """Take a decrypted RTP packet."""
        ...

    def rtcp(self, packet: AnyRtcpPacket) -> None:
        """Take an RTCP packet."""
        ...


class Peer:
    """A connection to one client; `run` it, and `close` it from anywhere."""

    def __init__(
        self, port: Port, certificate: RTCCertificate, offer: Offer, *, silent_s: float = SILENT_S
    ) -> None:
        self.media: Media | None = None
        self.password: Final = secrets.token_hex(16)
        self.remote_ufrag: Final = offer.ufrag
        self.remote_password: Final = offer.password
        self.ended: Ended | None = None
        self._port = port
        self._silent_s = silent_s
        self._ufrag = port.add(self)
        self._path: Path | None = None
        self._heard_at = time.monotonic()
        self._closing = asyncio.Event()
        self._reachable = asyncio.Event()
        self._records: asyncio.Queue[bytes | None] = asyncio.Queue(HANDSHAKE_WAITING)
        self._theirs = RTCDtlsParameters(
            [RTCDtlsFingerprint(algorithm, value) for algorithm, value in offer.fingerprints]
        )
        self._fingerprint = next(
            each.value for each in certificate.getFingerprints() if each.algorithm == "sha-256"
        )
        # The client begins the handshake wherever it can (RFC 8842, section 5.3).
        self._setup: Literal["active", "passive"] = (
            "active" if offer.setup == "passive" else "passive"
        )
        self._dtls = RTCDtlsTransport(_Records(self), [certificate])  # type: ignore[arg-type]
        self._dtls._set_role("client" if self._setup == "active" else "server")
        self._incoming: pylibsrtp.Session | None = None
        self._outgoing: pylibsrtp.Session | None = None

    @property
    def transport(self) -> Transport:
        """Our end, for the answer."""
        return Transport(
            self._ufrag, self.password, self._fingerprint, self._setup, self._port.candidates
        )

    async def run(self) -> Ended:
        """Connect, stay for as long as the client does, and say why it ended."""
        try:
            self.ended = await self._connect() or await self._stay()
        finally:
            await self._stop()
        return self.ended

    def close(self) -> None:
        """Begin to end; idempotent."""
        self._closing.set()
        # Whoever waits for the handshake hears of it by what it waits for.
        self._reachable.set()
        if self._records.full():
            self._records.get_nowait()
        self._records.put_nowait(None)

    async def _connect(self) -> Ended | None:
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._dtls.start(self._theirs)
        except TimeoutError:
            return "never_came"
        if self._closing.is_set():
            return "closed"
        if self._dtls.state != "connected":
            return "failed"
        # A client that leaves in order says so in DTLS.
        self._dtls.on("statechange", self._closing.set)
        self._incoming, self._outgoing = self._dtls._rx_srtp, self._dtls._tx_srtp
        if self.media is not None:
            self.media.connected()
        return None

    async def _stay(self) -> Ended:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(min(LOOK_S, self._silent_s / 2)):
                    await self._closing.wait()
            if self._dtls.state != "connected":
                return "left"
            if self._closing.is_set():
                return "closed"
            if time.monotonic() - self._heard_at > self._silent_s:
                return "silent"

    async def _stop(self) -> None:
        self._incoming = self._outgoing = None
        self._port.remove(self._ufrag)
        with suppress(ConnectionError):
            await self._dtls.stop()
        self._path = None
        self._dtls.remove_all_listeners()

    # -- Out --------------------------------------------------------------------------------------

    def send_rtp(self, packet: bytes) -> None:
        """Encrypt and send an RTP packet; before `Media.connected` and after the end it is lost."""
        if self._outgoing is not None and self._path is not None:
            self._path.send(self._outgoing.protect(packet))

    def send_rtcp(self, packet: bytes) -> None:
        """Encrypt and send RTCP packets, compound or not (RFC 5506)."""
        if self._outgoing is not None and self._path is not None:
            self._path.send(self._outgoing.protect_rtcp(packet))

    # -- In ---------------------------------------------------------------------------------------

    def reached(self, path: Path, *, nominated: bool) -> None:
        """Send to ``path`` from now on, if the client chose it or there is no other."""
        self._heard_at = time.monotonic()
        if nominated or self._path is None:
            self._path = path
            self._reachable.set()

    def datagram(self, data: bytes) -> None:
        """Take a datagram that came over one of the paths (RFC 7983)."""
        first = data[0]
        if first > 127 and first < 192:
            if self._incoming is not None and len(data) > 8:
                self._heard_at = time.monotonic()
                self._secure(data)
        elif first > 19 and first < 64:
            with suppress(asyncio.QueueFull):
                self._records.put_nowait(data)

    def _secure(self, data: bytes) -> None:
        assert self._incoming is not None
        if self.media is None:
            return
        is_control = 192 <= data[1] <= 223
        packets: list[AnyRtcpPacket] = []
        try:
            if is_control:
                packets = RtcpPacket.parse(self._incoming.unprotect_rtcp(data))
            else:
                data = self._incoming.unprotect(data)
        except (pylibsrtp.Error, ValueError, LookupError, struct.error):
            # Forged, replayed or torn: what is missing is asked for again.
            return
        if not is_control:
            self.media.rtp(data)
        for packet in packets:
            if not isinstance(packet, RtcpByePacket):
                self.media.rtcp(packet)


class _Records:
    """The transport under DTLS, as `RTCDtlsTransport` expects one."""

    role = "controlled"

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def _recv(self) -> bytes:
        data = await self._peer._records.get()
        if data is None:
            raise ConnectionError("the connection is closed")
        return data

    async def _send(self, data: bytes) -> None:
        await self._peer._reachable.wait()
        if self._peer._path is not None:
            self._peer._path.send(data)
