"""
What the web process and the media process agree on: where they meet, and what may pass.

The web process imports this and not the rest: it needs neither codecs nor DTLS.
"""

import asyncio
import hashlib
import os
import tempfile
from pathlib import Path
from typing import Final

from starlette.requests import Request

from live.api.problems import ApiError
from live.config import Config
from live.embedded import SOCKET_PATH_BYTES

MAX_OFFER_BYTES: Final = 64 * 1024
"""A browser's offer with every codec has 8 KiB."""

BODY_S: Final = 10.0
"""An offer is a few packets."""

ANYWHERE: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, Link, Retry-After, Accept-Patch",
}
"""Any page may ask: what it may do is decided by the token it sends, never by a cookie."""


def socket_path(config: Config) -> Path:
    """Return where the media process listens for a web process on the same machine."""
    path = config.data_dir.resolve() / "media.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_BYTES:
        return path
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"liveshop-media-{digest}.sock"


async def body_of(request: Request) -> bytes:
    """
    Return the body of a request, which is an offer or less.

    Raises:
        ApiError: it is too large, or too slow.
        ClientDisconnect: nobody waits for an answer any more.

    """
    data = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                data += chunk
                if len(data) > MAX_OFFER_BYTES:
                    raise ApiError("too_large", f"the body is larger than {MAX_OFFER_BYTES} bytes")
    except TimeoutError:
        raise ApiError("too_slow", f"the body did not arrive in {BODY_S:.0f} s") from None
    return bytes(data)
