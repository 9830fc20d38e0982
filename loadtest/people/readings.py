"""
Frames that everyone got, read once.

A room sends the same bytes to all of its viewers, so a process with hundreds of them decodes each
frame once and shares what it tells. Invariant: nobody changes a message that was read.
"""

from typing import Final, NamedTuple

import msgspec

from liveshop_client.messages import Message
from loadtest.hearing import Heard

KNOWN_FRAMES: Final = 512
"""A pass over a thousand viewers repeats one frame; a second of passes, some tens."""


class Reading(NamedTuple):
    """What a frame says, and what its lanes tell."""

    heard: Heard
    messages: list[Message]


class Readings:
    """The frames that were read last, by their bytes."""

    def __init__(self) -> None:
        self._known: dict[bytes, Reading] = {}

    def read(self, payload: bytes) -> Reading:
        """
        Return what a frame says.

        Raises:
            msgspec.DecodeError: it is not an array of messages.

        """
        known = self._known.get(payload)
        if known is not None:
            return known
        reading = Reading(Heard(payload), msgspec.json.decode(payload, type=list[Message]))
        if reading.heard.is_everyones:
            if len(self._known) >= KNOWN_FRAMES:
                del self._known[next(iter(self._known))]
            self._known[payload] = reading
        return reading
