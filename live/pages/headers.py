"""
The security headers of every page.

Invariant: no page of ours runs a script or applies a style that is not a file of ours, and none
can be framed by another site.
"""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        # Pictures of products may live anywhere.
        "img-src 'self' data: http: https:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)

HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
}


def reaching(addresses: Iterable[str]) -> dict[str, str]:
    """Return the headers of a page that may also talk to these addresses; paths are our own."""
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, addresses)} - {"://"}
    connect = " ".join(["connect-src 'self'", *sorted(origins)])
    policy = POLICY.replace("connect-src 'self'", connect)
    return {**HEADERS, "Content-Security-Policy": policy}
