"""
How the shop tells a tracer where the time of a purchase goes; the shop itself knows none.

A context travels as text, in the order stream too: the ``traceparent`` of W3C Trace Context. An
empty one means that nobody looks at this purchase, and then nothing here costs anything.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Final, Protocol


class Span(Protocol):
    """Something that takes time, from `Tracer.begin` to `end`."""

    @property
    def context(self) -> str:
        """What names it to other processes; empty if nobody looks."""

    def end(self, outcome: str) -> None:
        """Say that it is over, and what came of it; once."""


class Tracer(Protocol):
    """Where spans go."""

    def begin(self, name: str, *, context: str = "", **attributes: str | int) -> Span:
        """Begin a trace, or go on with one of the caller's, if it is to be looked at."""

    def together(
        self, name: str, contexts: Sequence[str], **attributes: str | int
    ) -> AbstractContextManager[None]:
        """Show the block in each of the traces: it does a part of all of them at once."""


class Unseen:
    """The span of a purchase that nobody looks at."""

    context: Final = ""

    def end(self, outcome: str) -> None:
        """Tell nobody."""


class Untraced:
    """A tracer that looks at nothing."""

    def begin(self, name: str, *, context: str = "", **attributes: str | int) -> Span:
        """Begin nothing."""
        return _UNSEEN

    def together(
        self, name: str, contexts: Sequence[str], **attributes: str | int
    ) -> AbstractContextManager[None]:
        """Do nothing around the block."""
        return _NOTHING


_UNSEEN: Final = Unseen()
_NOTHING: Final = nullcontext()

UNTRACED: Final = Untraced()


def trace_id(context: str) -> str | None:
    """Return what a trace is called in logs and by those who show it; None if nobody looks."""
    return context[3:35] or None
