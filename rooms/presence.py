"""
Who is here: a number in every room, names in small ones and for the host.

Each worker says once a second how many it has and who some of them are; whoever asks adds up what
all workers said. So presence costs a room of any size the same. Pure.
"""

from collections.abc import Iterable
from itertools import islice
from typing import Final

import msgspec

from rooms.application import Identity
from rooms.messages import Sender

LISTED: Final = 100
"""Names a worker tells: more than anyone reads, and twice what a small room has."""

LOOKED_AT: Final = 1_000
"""Viewers looked at to find them: nameless guests are not listed, and there may be many."""

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(list[Sender]).decode


def roll_call(identities: Iterable[Identity]) -> bytes:
    """Encode who of ``identities`` has a name, once each, up to `LISTED` of them."""
    named = {
        identity.id: Sender(id=identity.id, name=identity.name, badges=list(identity.badges))
        for identity in islice(identities, LOOKED_AT)
        if identity.may_speak
    }
    return _encode(list(islice(named.values(), LISTED)))


def merged(said: Iterable[bytes]) -> list[Sender]:
    """Return everyone that any worker told of, once each, in the order of their names."""
    everyone = {person.id: person for people in said for person in _decode(people)}
    return sorted(everyone.values(), key=lambda person: (person.name, person.id))
