"""
The security headers of every page.

Invariant: no page of ours runs a script or applies a style that is not a file of ours, and none
can be framed by another site, but for the live room, which the sites of ``LIVESHOP_ORIGINS`` embed.
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


EVERYONE: Final = "*"
"""An origin that stands for all: they may use the interface, whose tokens only a page's own script
has; but whoever frames a room has the viewer's hand, so a frame is for those who are named."""


def reaching(addresses: Iterable[str], *, framed_by: Iterable[str] = ()) -> dict[str, str]:
    """
    Return the headers of a page that may also talk to these addresses; paths are our own.

    ``framed_by`` are the other origins that may embed it; `EVERYONE` lets nobody.
    """
    origins = {f"{parts.scheme}://{parts.netloc}" for parts in map(urlsplit, addresses)} - {"://"}
    connect = " ".join(["connect-src 'self'", *sorted(origins)])
    frames = " ".join(["frame-ancestors 'self'", *(each for each in framed_by if each != EVERYONE)])
    policy = POLICY.replace("connect-src 'self'", connect).replace("frame-ancestors 'self'", frames)
    return {**HEADERS, "Content-Security-Policy": policy}
