"""
Whether video can work on this machine with these settings: for ``liveshop doctor``.

Nothing is changed, and no port is kept: one that nobody uses is bound for a moment.
"""

import asyncio
import ipaddress
import re
from collections.abc import AsyncIterator, Iterator
from typing import Final

import av
import httpx
from aioice import stun

from live.config import Config, IceServer
from live.finding import Finding
from live.media.backend import backend_of
from live.media.ice import candidates, open_port
from live.media.process import LOOPBACK
from live.media.wire import socket_path

ANSWER_S: Final = 2.0
"""A server on another continent answers in a third of it."""

PORTS: Final = {"stun": 3478, "turn": 3478, "stuns": 5349, "turns": 5349}
"""Where a server listens that names no port (RFC 7064, RFC 7065)."""

CODECS: Final = (
    ("libx264", "w", "VP8 publishers cannot be watched over HLS"),
    ("vp8", "r", "VP8 publishers cannot be watched over HLS"),
    ("libopus", "r", "HLS and recordings have no sound"),
    ("aac", "w", "HLS and recordings have no sound"),
)
"""What FFmpeg must bring, and what is missing without it; H264 over WebRTC needs none of it."""

_HOST: Final = re.compile(
    r"(?P<scheme>\w+):(?P<host>\[[^\]]+\]|[^:?]+)(?::(?P<port>\d+))?(?P<tcp>\?transport=tcp)?.*"
)


async def video(config: Config) -> AsyncIterator[Finding]:
    """Check one thing after the other."""
    match config.media:
        case "off":
            yield Finding("ok", "Video", "switched off")
            return
        case "mediamtx":
            yield await _mediamtx(config)
        case "builtin":
            runs = await _process(config)
            yield runs
            yield _port(config, taken=runs.verdict == "ok")
            yield _addresses(config)
            for finding in _codecs():
                yield finding
    if not config.ice_servers:
        text = "none; who cannot be reached by UDP watches over HLS"
        yield Finding("ok", "ICE servers", text)
    for server in config.ice_servers:
        yield await _ice_server(server)


async def _mediamtx(config: Config) -> Finding:
    backend = backend_of(config)
    assert backend is not None
    try:
        shows = await backend.on_air()
    except OSError as error:
        return Finding("fail", "Video", f"{error}; check LIVESHOP_MEDIA_API_URL")
    return Finding("ok", "Video", f"MediaMTX answers, {len(shows or ())} shows on air")


async def _process(config: Config) -> Finding:
    where = config.media_url or str(socket_path(config))
    transport = None
    if config.media_url is None:
        transport = httpx.AsyncHTTPTransport(uds=str(socket_path(config)))
    try:
        async with httpx.AsyncClient(
            base_url=config.media_url or "http://media", transport=transport, timeout=ANSWER_S
        ) as client:
            (await client.get("/metrics/media")).raise_for_status()
    except httpx.HTTPError as error:
        verdict = "warn" if config.media_url is None else "fail"
        advice = "run liveshop media" if config.media_url is None else "check LIVESHOP_MEDIA_URL"
        text = f"nobody answers at {where} ({str(error) or 'no answer'}); {advice}"
        return Finding(verdict, "Media process", text)  # type: ignore[arg-type]
    return Finding("ok", "Media process", f"answers at {where}")


def _port(config: Config, *, taken: bool) -> Finding:
    number, near = config.media_port, config.host in LOOPBACK
    if number == 0:
        text = "any free UDP port; a firewall needs one: set LIVESHOP_MEDIA_PORT"
        return Finding("ok" if near else "warn", "Media port", text)
    if taken or config.media_url is not None:
        return Finding("ok", "Media port", f"UDP {number}, in use by liveshop media")
    try:
        with open_port(number, loopback=near, announced=config.media_addresses):
            return Finding("ok", "Media port", f"UDP {number} is free")
    except OSError as error:
        text = f"UDP {number}: {error.strerror}; choose another with LIVESHOP_MEDIA_PORT"
        return Finding("fail", "Media port", text)


def _addresses(config: Config) -> Finding:
    near = config.host in LOOPBACK
    told = candidates(loopback=near, announced=config.media_addresses)
    shown = ", ".join(told)
    if near:
        return Finding("ok", "Media addresses", f"{shown}; this machine is served")
    found = [ipaddress.ip_address(each) for each in told]
    if all(each.is_loopback for each in found):
        text = f"{shown}: nobody else can reach it; set LIVESHOP_MEDIA_ADDRESSES"
        return Finding("fail", "Media addresses", text)
    if not any(each.is_global for each in found):
        text = f"{shown}: not to be reached from the internet; set LIVESHOP_MEDIA_ADDRESSES"
        return Finding("warn", "Media addresses", text)
    return Finding("ok", "Media addresses", shown)


def _codecs() -> Iterator[Finding]:
    missing: dict[str, list[str]] = {}
    for name, mode, lost in CODECS:
        try:
            av.codec.Codec(name, mode)  # type: ignore[arg-type]
        except ValueError:
            missing.setdefault(lost, []).append(name)
    for lost, names in missing.items():
        yield Finding("warn", "Codecs", f"FFmpeg lacks {' and '.join(names)}: {lost}")
    if not missing:
        yield Finding("ok", "Codecs", "H264, VP8 (encoded anew for HLS), Opus, AAC")


async def _ice_server(server: IceServer) -> Finding:
    found = _HOST.fullmatch(server.url)
    assert found is not None  # The settings are read by a stricter pattern.
    host = found["host"].strip("[]")
    port = int(found["port"] or PORTS[found["scheme"]])
    connects = found["tcp"] is not None or found["scheme"].endswith("s")
    try:
        async with asyncio.timeout(ANSWER_S):
            await (_connect(host, port) if connects else _ask(host, port))
    except (OSError, TimeoutError) as error:
        text = f"{server.url} does not answer ({str(error) or 'nothing came back'})"
        return Finding("warn", "ICE servers", text)
    return Finding("ok", "ICE servers", f"{server.url} answers")


async def _connect(host: str, port: int) -> None:
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    await writer.wait_closed()


class _Answer(asyncio.DatagramProtocol):
    """Waits for the answer to one request."""

    def __init__(self, request: stun.Message) -> None:
        self.came: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request

    def datagram_received(self, data: bytes, addr: object) -> None:
        try:
            answer = stun.parse_message(data)
        except ValueError:
            return
        if answer.transaction_id == self._request.transaction_id and not self.came.done():
            self.came.set_result(None)

    def error_received(self, exc: Exception) -> None:
        if not self.came.done():
            self.came.set_exception(exc)


async def _ask(host: str, port: int) -> None:
    """Send a Binding request, which STUN and TURN servers answer to anyone (RFC 8489)."""
    request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    loop = asyncio.get_running_loop()
    transport, answer = await loop.create_datagram_endpoint(
        lambda: _Answer(request), remote_addr=(host, port)
    )
    try:
        transport.sendto(bytes(request))
        await answer.came
    finally:
        transport.close()
