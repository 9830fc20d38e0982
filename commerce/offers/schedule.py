"""
How long a buyer may pay.

The pay window ends before the hold does, so that a payment begun in time can arrive in time.
"""

from typing import Final

MARGIN_SHARE: Final = 0.1
"""A tenth of the hold is left for the payment to come through …"""

MARGIN_LEAST_MS: Final = 5_000
"""… at least the few seconds a bank takes …"""

MARGIN_MOST_MS: Final = 60_000
"""… and no more than a minute, which is when gateways give up."""


def pay_by(reserved_at: int, expires_at: int) -> int:
    """Return the moment until which a hold of this span may be paid; all in Unix ms."""
    span = expires_at - reserved_at
    margin = min(max(int(span * MARGIN_SHARE), MARGIN_LEAST_MS), MARGIN_MOST_MS)
    return max(expires_at - margin, reserved_at)
