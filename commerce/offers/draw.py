"""
The draw that orders a queue, so that anyone can draw it again.

The server picks a secret seed when a queue opens and publishes its SHA-256, the commitment. The
order is by HMAC-SHA256 under that seed, of the roll and the entrant's ticket; the roll is a hash of
all tickets, so it is fixed only when the last entrant is in, and nobody knows a good ticket before.
A ticket is a hash of offer and account: nobody chooses one, and a list of them names no account.

Invariant: the order depends on the seed and on who entered, never on when.
"""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Final

from commerce.ids import AccountId, OfferId

SEED_BYTES: Final = 32
"""256 bits, as long as the hash that commits to it."""

_TICKET_CHARACTERS: Final = 32
"""128 bits: no two accounts share a ticket, and a hundred thousand of them are three megabytes."""


def commitment(seed: bytes) -> str:
    """Return what is published of a seed while it is secret."""
    return hashlib.sha256(seed).hexdigest()


def ticket(offer: OfferId, account: AccountId) -> str:
    """Return what stands for an account in the draw of an offer."""
    return hashlib.sha256(f"{offer}\n{account}".encode()).hexdigest()[:_TICKET_CHARACTERS]


def roll(tickets: Iterable[str]) -> str:
    """Return the hash of all tickets, whatever their order."""
    return hashlib.sha256("\n".join(sorted(tickets)).encode()).hexdigest()


def order(seed: bytes, tickets: Iterable[str]) -> list[str]:
    """Return the tickets in the order of their places; a hundred thousand take half a second."""
    entered = list(tickets)
    fixed = roll(entered)
    return sorted(entered, key=lambda each: hmac.digest(seed, f"{fixed}{each}".encode(), "sha256"))
