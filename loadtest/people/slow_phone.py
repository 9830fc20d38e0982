"""A phone in a lift: it stops reading for seconds, and the room must not wait for it."""

from typing import ClassVar, Final

import gevent
from locust import between, task

from loadtest.people.person import Person

RECEIVE_BUFFER: Final = 8 * 1024
"""A little room in the kernel: a phone that does not read is soon felt at the other end."""

AWAY_S: Final = (2.0, 8.0)
"""Longer than a pass, shorter than the server's patience of a minute."""


class SlowPhone(Person):
    """Reads, looks away, reads what it is owed; it must miss no control event by that."""

    weight = 3
    wait_time = between(1, 4)
    receive_buffer: ClassVar[int | None] = RECEIVE_BUFFER
    # What reaches it late is late because of itself, and not counted.
    punctual: ClassVar[bool] = False

    @task
    def lose_the_signal(self) -> None:
        """Look away for a while."""
        self.seat.look_away()
        gevent.sleep(self.chance.uniform(*AWAY_S))
        self.seat.look_again()
