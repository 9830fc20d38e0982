"""Somebody who talks."""

from locust import between, task

from loadtest.people.person import Person
from loadtest.phrases import Mood

CARD: float = 0.6
"""How likely a line is about what is on screen."""


class Chatter(Person):
    """Says a line every few seconds; a room shows a sample where many talk."""

    weight = 15
    wait_time = between(4, 12)

    def on_start(self) -> None:
        """Come in, and say hello."""
        super().on_start()
        self.say(Mood.ARRIVED)

    @task
    def talk(self) -> None:
        """Say something."""
        self.say(Mood.CARD if self.chance.random() < CARD else Mood.IDLE)
