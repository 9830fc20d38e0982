"""
The UDP port of the media process: ICE lite (RFC 8445, section 2.5), and who gets which datagram.

Every connection shares one port, so one port is all that a firewall, a container or a NAT has to
let through. Clients come to us: we answer their checks and send where they came from, which is why
nobody's candidates are read and nothing is ever sent to an address that did not prove, with the
password of its connection, that it wants it.
"""

import asyncio
import errno
import ipaddress
import secrets
import socket
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, Protocol

import ifaddr
import structlog
from aioice import stun

DATAGRAM_BYTES: Final = 2048
"""WebRTC keeps to 1,200 bytes; what is cut off here fails its authentication."""

READ_AT_ONCE: Final = 64
"""Datagrams taken in one turn of the loop: 0.2 s of one publisher, or 2 ms of work."""

BUFFER_BYTES: Final = 2 * 1024 * 1024
"""What the kernel keeps while the loop is busy; Linux caps it at net.core.rmem_max."""

ADDRESSES_MOST: Final = 8
"""Addresses a connection may be reached from: a phone changes networks, and has two at once."""

BIND_TRIES: Final = 16
"""Tries to find one number that is free on every address of this machine."""

Address = tuple[Any, ...]

log = structlog.get_logger()


class Arrived(Protocol):
    """A connection, as its datagrams see it."""

    @property
    def remote_ufrag(self) -> str:
        """The client's user name fragment."""
        ...

    @property
    def password(self) -> str:
        """Our password, with which the client signs its checks."""
        ...

    def reached(self, path: "Path", *, nominated: bool) -> None:
        """Learn that the client is at ``path``, and whether it wants to be sent to there."""
        ...

    def datagram(self, data: bytes) -> None:
        """Take a datagram that is not STUN."""
        ...


class Path:
    """An address of a client, and the socket it came to."""

    __slots__ = ("_send", "address", "dropped")

    def __init__(self, here: socket.socket, address: Address) -> None:
        self._send = here.sendto
        self.address = address
        self.dropped = 0

    def send(self, data: bytes) -> None:
        """Send a datagram, or drop it: as on the wire, nothing waits and nothing is certain."""
        try:
            self._send(data, self.address)
        except OSError:
            # Full, or unreachable for now. What matters is asked for again.
            self.dropped += 1


class Port:
    """The sockets of one UDP port, and the connections on it; made by `open_port`."""

    def __init__(self, sockets: Sequence[socket.socket], candidates: Sequence[str]) -> None:
        self.number: Final[int] = sockets[0].getsockname()[1]
        self.candidates: Final = tuple((address, self.number) for address in candidates)
        self._connections: dict[str, Arrived] = {}
        self._paths: dict[tuple[int, Address], tuple[Path, Arrived]] = {}
        self._of: dict[str, list[tuple[int, Address]]] = {}

    def add(self, connection: Arrived) -> str:
        """Return a new user name fragment; datagrams of its bearer go to ``connection``."""
        ufrag = secrets.token_hex(8)
        self._connections[ufrag] = connection
        self._of[ufrag] = []
        return ufrag

    def remove(self, ufrag: str) -> None:
        """Forget a connection; idempotent."""
        connection = self._connections.pop(ufrag, None)
        for key in self._of.pop(ufrag, ()):
            # Another connection may have come from the same address since.
            if key in self._paths and self._paths[key][1] is connection:
                del self._paths[key]

    def readable(self, here: socket.socket) -> None:
        """Take what came to one of the sockets."""
        for _ in range(READ_AT_ONCE):
            try:
                data, address = here.recvfrom(DATAGRAM_BYTES)
            except OSError:
                # Empty; or an ICMP error about something we sent, which says nothing new.
                return
            if not data:
                continue
            if data[0] < 4:
                self._check(here, data, address)
            elif (known := self._paths.get((here.fileno(), address))) is not None:
                known[1].datagram(data)

    def _check(self, here: socket.socket, data: bytes, address: Address) -> None:
        """Answer a connectivity check (RFC 8445, section 7.3); drop whatever is not one."""
        try:
            request = stun.parse_message(data)
        except (ValueError, LookupError, struct.error):
            return
        if (
            request.message_class is not stun.Class.REQUEST
            or request.message_method is not stun.Method.BINDING
        ):
            return
        ours, _, theirs = str(request.attributes.get("USERNAME", "")).partition(":")
        connection = self._connections.get(ours)
        # Nobody we know, or not who they say: silence tells a scanner least.
        if connection is None or theirs != connection.remote_ufrag:
            return
        key = connection.password.encode()
        if not request.check_message_integrity(key):
            return
        path = self._path(ours, connection, here, address)
        response = stun.Message(
            stun.Method.BINDING, stun.Class.RESPONSE, transaction_id=request.transaction_id
        )
        if "ICE-CONTROLLED" in request.attributes:
            response = stun.Message(
                stun.Method.BINDING, stun.Class.ERROR, transaction_id=request.transaction_id
            )
            response.attributes["ERROR-CODE"] = (487, "Role Conflict")
        else:
            response.attributes["XOR-MAPPED-ADDRESS"] = address[:2]
        response.add_message_integrity(key)
        path.send(bytes(response))
        connection.reached(path, nominated="USE-CANDIDATE" in request.attributes)

    def _path(self, ufrag: str, connection: Arrived, here: socket.socket, address: Address) -> Path:
        key = (here.fileno(), address)
        known = self._paths.get(key)
        if known is not None and known[1] is connection:
            return known[0]
        path = Path(here, address)
        self._paths[key] = (path, connection)
        mine = self._of[ufrag]
        mine.append(key)
        if len(mine) > ADDRESSES_MOST:
            oldest = mine.pop(0)
            if oldest in self._paths and self._paths[oldest][1] is connection:
                del self._paths[oldest]
        return path


@contextmanager
def open_port(number: int, *, loopback: bool, announced: Sequence[str] = ()) -> Iterator[Port]:
    """
    Listen on UDP port ``number`` of every address of this machine; 0 is any free one.

    An answer goes out from the address that was asked, so there is a socket an address. Clients
    are told ``announced`` instead of these addresses where it is given (a NAT forwards to us), and
    the loopback address only where ``loopback`` says that they may be on this machine.

    Raises:
        OSError: the port is in use.

    """
    sockets = _bind(_addresses(), number)
    port = Port(sockets, candidates(loopback=loopback, announced=announced))
    loop = asyncio.get_running_loop()
    try:
        for each in sockets:
            loop.add_reader(each, port.readable, each)
        yield port
    finally:
        for each in sockets:
            loop.remove_reader(each)
            each.close()


def candidates(*, loopback: bool, announced: Sequence[str] = ()) -> list[str]:
    """Return the addresses that clients are told; see `open_port`."""
    found = _addresses()
    told = list(announced) or [
        each for each in found if loopback or not ipaddress.ip_address(each).is_loopback
    ]
    return told or found


def _addresses() -> list[str]:
    """Return the addresses of this machine; link-local ones cannot be told to anybody."""
    found = [
        ip.ip if isinstance(ip.ip, str) else ip.ip[0]
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    ]
    usable = [each for each in found if not ipaddress.ip_address(each).is_link_local]
    # IPv4 first: more paths work. Loopback first: it is the shortest, where it is told at all.
    return sorted(
        dict.fromkeys(usable),
        key=lambda each: (
            ipaddress.ip_address(each).version,
            not ipaddress.ip_address(each).is_loopback,
        ),
    )


def _bind(addresses: Sequence[str], number: int) -> list[socket.socket]:
    """Bind every address that can be bound to one port number."""
    for _ in range(BIND_TRIES):
        sockets: list[socket.socket] = []
        chosen = number
        try:
            for address in addresses:
                if (bound := _bound(address, chosen)) is not None:
                    sockets.append(bound)
                    chosen = bound.getsockname()[1]
        except OSError:
            for each in sockets:
                each.close()
            if number:
                raise
            continue
        if sockets:
            return sockets
        break
    raise OSError(errno.EADDRINUSE, "no UDP port is free on the addresses of this machine")


def _bound(address: str, number: int) -> socket.socket | None:
    """Bind one address; None where the machine has it but will not serve it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    here = socket.socket(family, socket.SOCK_DGRAM)
    here.setblocking(False)
    try:
        for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
            here.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
        here.bind((address, number))
    except OSError as error:
        here.close()
        if error.errno == errno.EADDRINUSE:
            raise
        return None
    return here
