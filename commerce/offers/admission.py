"""
Admissions: signed proof that it is a buyer's turn to buy from an offer with a queue.

An admission is bound to offer, buyer and turn, and ends. It is checked by its signature alone, so
whoever has none costs the gate nothing; that it is used once is the gate's to see. Invariant: the
same turn has the same admission on every worker, so it can be told again at any time.
"""

import base64
import hmac
from typing import Final

from msgspec import Struct

from commerce.ids import AccountId, OfferId

TURN_S: Final = 60
"""Long enough to look up from the picture and press; units nobody presses for go on then."""

MAX_CHARACTERS: Final = 120
"""A turn, a moment and a signature take 70."""

_DAY_MS: Final = 86_400_000


class Admission(Struct, frozen=True):
    """A buyer's ``turn``, the first, second... in this queue; ``until`` is Unix ms."""

    turn: int
    until: int


class Seal:
    """Signs and reads admissions; each day that admissions end on has a key of its own."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def sign(self, admission: Admission, offer: OfferId, buyer: AccountId) -> str:
        """Return the token of an admission."""
        mac = base64.urlsafe_b64encode(self._mac(admission, offer, buyer)).rstrip(b"=").decode()
        return f"{admission.turn}.{admission.until}.{mac}"

    def read(self, token: str, offer: OfferId, buyer: AccountId) -> Admission | None:
        """Return the admission of a token; None if it is not ours, or somebody else's."""
        match token.split(".") if len(token) <= MAX_CHARACTERS and token.isascii() else []:
            case [turn, until, _mac] if turn.isdecimal() and until.isdecimal():
                admission = Admission(turn=int(turn), until=int(until))
                genuine = self.sign(admission, offer, buyer)
                return admission if hmac.compare_digest(genuine, token) else None
            case _:
                return None

    def _mac(self, admission: Admission, offer: OfferId, buyer: AccountId) -> bytes:
        # The key follows from the end of the admission, so a key that leaks is of use for a day.
        key = hmac.digest(self._secret, f"day {admission.until // _DAY_MS}".encode(), "sha256")
        said = f"{offer}\n{buyer}\n{admission.turn}\n{admission.until}"
        return hmac.digest(key, said.encode(), "sha256")
