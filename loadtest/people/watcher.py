"""Somebody who watches, and likes what they see now and then."""

from locust import between, task

from loadtest.people.person import Person


class Watcher(Person):
    """Most of every audience."""

    weight = 60
    wait_time = between(3, 12)

    @task
    def applaud(self) -> None:
        """Press the heart a few times."""
        if self.chance.random() < 0.4:
            self.seat.like(self.chance.randint(1, 5))
