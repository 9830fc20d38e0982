"""
Where merchants' webhooks may go: to public addresses, over HTTPS, unless a setting says otherwise.

A URL comes from someone who must not reach what only this machine can (OWASP: server-side request
forgery). A name is resolved when a request is made, every address of it has to be public, and the
connection goes to the very address that was looked at, so a name that changes its mind in between
gains nothing. Redirects are not followed.
"""

import asyncio
import ipaddress
import socket
from typing import Final, Literal
from urllib.parse import urlsplit

import httpx

from commerce.errors import InvalidValue

Targets = Literal["public", "any"]

RESOLVE_S: Final = 5.0
"""A name server that is asked twice and does not answer."""

MAX_URL_CHARACTERS: Final = 2_000

# Networks that carry IPv4 addresses inside (RFC 6052): where they lead is not theirs to say.
_TRANSLATED: Final = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


def check_url(url: str, targets: Targets) -> str:
    """
    Return the URL, if something may be delivered there as far as that shows.

    Raises:
        InvalidValue: it is none, or its host may not be reached.

    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port, httpx.URL(url)
    except (ValueError, httpx.InvalidURL):
        host = parts = None
    if parts is None or not host or parts.scheme not in ("https", "http"):
        raise InvalidValue("$.url", "it is not a URL such as https://shop.example.com/hook")
    if parts.username is not None:
        raise InvalidValue("$.url", "it must not contain a password: requests are signed")
    if targets == "public":
        if parts.scheme != "https":
            raise InvalidValue("$.url", "it must begin with https://")
        if _is_address(host) and not is_public(host):
            raise InvalidValue("$.url", f"{host} is not a public address")
    return url


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the internet at large."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip.sixtofour or ip.teredo or any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast


class Guard(httpx.AsyncBaseTransport):
    """A transport that connects to public addresses only."""

    def __init__(self) -> None:
        # Connections are not kept: they are known by their address, and two names that share one
        # must not share a connection whose certificate was checked for the other.
        self._transport = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to an address that was looked at."""
        host = request.url.host
        address = await _resolved(host, request)
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,  # with the name in Host
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._transport.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._transport.aclose()


def transport_for(targets: Targets) -> httpx.AsyncBaseTransport:
    """Return a transport that goes where deliveries may."""
    return Guard() if targets == "public" else httpx.AsyncHTTPTransport()


async def _resolved(host: str, request: httpx.Request) -> str:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_S):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"{host} cannot be resolved", request=request) from error
    addresses = [str(address[0]) for *_, address in found]
    if not addresses or not all(is_public(address) for address in addresses):
        raise httpx.ConnectError(f"{host} is not a public address", request=request)
    return addresses[0]


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
