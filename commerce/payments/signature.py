"""
Signed webhooks, as the Standard Webhooks specification has them.

The signature is an HMAC-SHA256 over ``<id>.<timestamp>.<body>``; the timestamp in it keeps a
recorded webhook from being sent again later. Nothing here reads a clock.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from typing import Final

from commerce.payments.gateway import BadSignature, StaleSignature

TOLERANCE_S: Final = 300
"""How far two clocks and a slow network may be apart, as the specification recommends."""

VERSION: Final = "v1"

ID: Final = "webhook-id"
TIMESTAMP: Final = "webhook-timestamp"
SIGNATURE: Final = "webhook-signature"


def sign(secret: bytes, id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """Return the three headers that a webhook with this body carries."""
    signature = base64.b64encode(_digest(secret, id, str(timestamp_s), body)).decode()
    return {ID: id, TIMESTAMP: str(timestamp_s), SIGNATURE: f"{VERSION},{signature}"}


def verify(secret: bytes, headers: Mapping[str, str], body: bytes, now: int) -> str:
    """
    Return the id of a webhook that was signed with ``secret`` around ``now`` (Unix ms).

    Several signatures, separated by spaces, may be given while the secret changes; one must fit.

    Raises:
        BadSignature: none fits, or a header is missing.
        StaleSignature: the signature is right, and too old or from the future.

    """
    id, timestamp, given = (headers.get(name, "") for name in (ID, TIMESTAMP, SIGNATURE))
    if not (id and timestamp.isascii() and timestamp.isdecimal()):
        raise BadSignature
    expected = _digest(secret, id, timestamp, body)
    if not any(hmac.compare_digest(expected, digest) for digest in _digests(given)):
        raise BadSignature
    age_s = now // 1000 - int(timestamp)
    if abs(age_s) > TOLERANCE_S:
        raise StaleSignature(age_s)
    return id


def _digest(secret: bytes, id: str, timestamp: str, body: bytes) -> bytes:
    return hmac.digest(secret, b".".join((id.encode(), timestamp.encode(), body)), hashlib.sha256)


def _digests(header: str) -> list[bytes]:
    digests = []
    for part in header.split(" "):
        version, _, encoded = part.partition(",")
        if version == VERSION:
            try:
                digests.append(base64.b64decode(encoded, validate=True))
            except (binascii.Error, ValueError):
                continue
    return digests
