"""
Chat lines that a moderator took away, and what is left without them.
"""

from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from rooms.messages import ChatCleared, ChatLine, ChatRemoved

_decode_line: Final = msgspec.json.Decoder(ChatLine).decode
_decode_removed: Final = msgspec.json.Decoder(ChatRemoved).decode
_decode_cleared: Final = msgspec.json.Decoder(ChatCleared).decode


class Removal(Struct, frozen=True):
    """One line, by its id, or every line that ``sender`` has said so far."""

    line: str = ""
    sender: str = ""

    def takes(self, line: bytes) -> bool:
        """Whether the encoded chat ``line`` goes."""
        said = _decode_line(line)
        return said.id == self.line or said.sender.id == self.sender

    def spared(self, lines: Iterable[bytes]) -> list[bytes]:
        """Return the encoded chat lines that stay, in their order."""
        return [line for line in lines if not self.takes(line)]


def removal_of(event: bytes) -> Removal | None:
    """Return what an encoded control event takes away; None if it is about something else."""
    # The type comes first, or second behind the offset: few events are decoded for this.
    head = event[:64]
    if b'"type":"chat_removed"' in head:
        return Removal(line=_decode_removed(event).id)
    if b'"type":"chat_cleared"' in head:
        return Removal(sender=_decode_cleared(event).sender)
    return None
