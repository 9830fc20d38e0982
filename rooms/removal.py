"""
Chat lines that a moderator took away, and what is left without them.

Invariant: of what was taken away nothing is left, not even where another line quoted it. Pure.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from rooms.messages import ChatCleared, ChatLine, ChatRemoved

_decode_line: Final = msgspec.json.Decoder(ChatLine).decode
_decode_removed: Final = msgspec.json.Decoder(ChatRemoved).decode
_encode_line: Final = msgspec.json.Encoder().encode
_decode_cleared: Final = msgspec.json.Decoder(ChatCleared).decode


class Removal(Struct, frozen=True):
    """One line, by its id, or every line that ``sender`` has said so far."""

    line: str = ""
    sender: str = ""

    def spared(self, lines: Iterable[bytes]) -> list[bytes]:
        """Return the encoded chat lines that stay, in their order, without a quote that goes."""
        return [kept for line in lines if (kept := self._spared(line)) is not None]

    def _spared(self, line: bytes) -> bytes | None:
        said = _decode_line(line)
        if said.id == self.line or said.sender.id == self.sender:
            return None
        quote = said.quote
        if quote is None or (said.reply_to != self.line and quote.sender.id != self.sender):
            return line
        return _encode_line(msgspec.structs.replace(said, quote=None))


def removal_of(event: bytes) -> Removal | None:
    """Return what an encoded control event takes away; None if it is about something else."""
    # The type comes first, or second behind the offset: few events are decoded for this.
    head = event[:64]
    if b'"type":"chat_removed"' in head:
        return Removal(line=_decode_removed(event).id)
    if b'"type":"chat_cleared"' in head:
        return Removal(sender=_decode_cleared(event).sender)
    return None
