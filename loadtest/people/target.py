"""
Whom a load test may be driven against: this machine, or what somebody says is their own.

A typo must not become an attack on a stranger. Pure: names are not looked up.
"""

from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

FLAG: Final = "--own-target"


def refusal(url: str, *, owned: bool) -> str | None:
    """Return why nothing is sent to ``url``, in a sentence; ``None`` if it may be."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return f"{url!r} is no address of a shop; one looks like http://127.0.0.1:8000"
    if owned or is_loopback(parts.hostname):
        return None
    return (
        f"{parts.hostname} is not this machine. A load test takes a shop down that is not prepared "
        f"for it: if it is yours to test, say so with {FLAG}"
    )


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this very machine, whatever a name server says."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def same_site(one: str, other: str) -> bool:
    """Return whether two addresses lead to the same server."""
    return _site(one) == _site(other)


def _site(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
