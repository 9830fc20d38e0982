"""
Whether a viewer has seen every control event once: the promise a room makes (``(epoch, offset)``).

Invariant: ``holes`` counts events that were never seen, ``duplicates`` events that were seen
again; after either, the count goes on from the newest event.
"""

from loadtest.hearing import Greeting, Heard


class Lane:
    """The control lane as one viewer sees it, over all of its connections."""

    __slots__ = ("duplicates", "epoch", "epochs", "events", "holes", "offset")

    def __init__(self) -> None:
        self.epoch = ""
        self.offset = 0
        self.events = 0
        self.holes = 0
        self.duplicates = 0
        # How many logs it stood in; more than one only where a room's log was lost.
        self.epochs = 0

    @property
    def whole(self) -> bool:
        """Whether nothing is missing and nothing came twice."""
        return not (self.holes or self.duplicates)

    def greet(self, greeting: Greeting) -> None:
        """
        Stand where a greeting says.

        One that recovers must go on where the viewer stood; one with a snapshot may be anywhere,
        because the snapshot stands for whatever lies before it.
        """
        if greeting.recovered:
            missing = greeting.offset - self.offset if greeting.epoch == self.epoch else 1
            self.holes += max(missing, 0)
            self.duplicates += max(-missing, 0)
        if greeting.epoch != self.epoch:
            self.epochs += 1
        self.epoch, self.offset = greeting.epoch, greeting.offset

    def hear(self, heard: Heard) -> None:
        """Take the control events of a frame."""
        if heard.first == self.offset + 1 and not heard.torn:
            self.events += len(heard.offsets)
            self.offset = heard.last
            return
        for offset in heard.offsets:
            if offset <= self.offset:
                self.duplicates += 1
            else:
                self.holes += offset - self.offset - 1
                self.events += 1
                self.offset = offset
