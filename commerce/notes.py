"""
What a host writes down for an evening: of a show, or of one offer in it.

Invariant: nobody writes over what they have not read. Whoever writes says which revision they had,
and gets the newer one where there is one.
"""

from typing import Annotated, Final

from msgspec import Meta, Struct

MAX_CHARACTERS: Final = 4_000
"""Two pages; what is said in ten minutes."""


class Note(Struct, frozen=True, omit_defaults=True):
    """A note as it stands; revision 0 is that nothing was written yet."""

    text: str = ""
    revision: int = 0
    offer: Annotated[str, Meta(description="Empty: of the whole show")] = ""


class NewNote(Struct, frozen=True, forbid_unknown_fields=True):
    """A note to write, over the ``revision`` that was read."""

    text: Annotated[str, Meta(max_length=MAX_CHARACTERS)]
    revision: Annotated[int, Meta(ge=0, le=2**31 - 2)]
    offer: Annotated[str, Meta(max_length=64, description="Empty: of the whole show")] = ""


class WrittenNote(Struct, frozen=True, omit_defaults=True):
    """What became of it: ``kept`` is False where somebody else wrote first; then it is theirs."""

    note: Note
    kept: bool = True
