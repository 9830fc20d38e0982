"""
People at a live show, for Locust: ``make locust``, or ``locust -f loadtest/locustfile.py``.

Beside what Locust itself offers: ``--shape`` (how the run goes), ``--show``, ``--pace``,
``--units``, ``--settle``, ``--data-dir`` and ``--own-target``. At the end of every run what must
hold is checked; a run that broke any of it says which, and the process exits with 1.
"""

import logging
import os
import sys
import time
from argparse import ArgumentTypeError, Namespace
from pathlib import Path
from typing import Any, Final

import gevent
from locust import LoadTestShape, events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from loadtest.people.account import NOBODY, find_account
from loadtest.people.books import look_into
from loadtest.people.bot import Bot
from loadtest.people.buyer import Buyer
from loadtest.people.chatter import Chatter
from loadtest.people.evening import Evening, NoShow, cut_everyone, find_show
from loadtest.people.host import UNITS, Host
from loadtest.people.person import Person
from loadtest.people.shapes import PLANS, Plan
from loadtest.people.slow_phone import SlowPhone
from loadtest.people.target import FLAG, refusal
from loadtest.people.watcher import Watcher

__all__ = ["Bot", "Buyer", "Chatter", "Host", "Programme", "SlowPhone", "Watcher"]

PEOPLE: Final = (Watcher, Chatter, Buyer, SlowPhone, Bot)

FINDINGS: Final = "liveshop.findings"
"""What a worker tells the master when its people have gone home."""

SETTLE_S: Final = 10.0
"""What has not reached a viewer this long after the end is missing, and nobody told them."""

EXIT_BROKEN: Final = 1
EXIT_USAGE: Final = 2

log: Final = logging.getLogger("liveshop")
logging.getLogger("httpx").setLevel(logging.WARNING)


class Broken(Exception):
    """A promise of the shop that was not kept."""


class Programme(LoadTestShape):
    """The shape of the run that ``--shape`` names."""

    use_common_options = True

    def tick(self) -> tuple[int, float] | None:
        """Say how many are to be there now; end the run in good order when its time is over."""
        runner = self.runner
        if runner is None:
            return None
        options = options_of(runner.environment)
        why = _not_to_be_driven(runner.environment)
        if why is not None:
            log.error(why)
            return None
        plan = plan_of(options)
        for person in PEOPLE:
            person.weight = plan.people[person.__name__]
        now = plan.at(
            self.get_run_time(),
            options.num_users or 1,
            options.spawn_rate or 1.0,
            options.run_time or None,
        )
        if now is None:
            # Not left to Locust: that would let the master judge before the workers have told.
            runner.stop()
        return now


def options_of(environment: Environment) -> Namespace:
    """Return what the command line said."""
    if environment.parsed_options is None:
        raise AssertionError("Locust gives every environment the options of its command line")
    options: Namespace = environment.parsed_options
    return options


def plan_of(options: Namespace) -> Plan:
    """Return the plan that the command line asks for."""
    return PLANS[options.shape].paced(options.pace)


def _not_to_be_driven(environment: Environment) -> str | None:
    return refusal(environment.host or "", owned=options_of(environment).own_target)


# -- The command line -----------------------------------------------------------------------------


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """Add our options to Locust's, and to the form of its page."""
    shapes = "; ".join(f"{name}: {plan.about}" for name, plan in PLANS.items())
    parser.add_argument(
        "--shape",
        choices=list(PLANS),
        default="steady",
        env_var="LOCUST_SHAPE",
        help=f"how the run goes ({shapes})",
    )
    parser.add_argument("--show", default="", help="the show's id; else the first that is live")
    parser.add_argument(
        "--pace", type=_pace, default=1.0, help="the same shape in this part of its time, 0.1 to 10"
    )
    parser.add_argument("--units", type=int, default=UNITS, help="units in a flash sale")
    parser.add_argument(
        "--settle",
        type=float,
        default=SETTLE_S,
        help="seconds after the end within which everybody must have caught up",
    )
    parser.add_argument(
        "--data-dir",
        default=".liveshop",
        include_in_web_ui=False,
        help="where a demo keeps how its host signs in",
    )
    parser.add_argument(
        FLAG,
        action="store_true",
        include_in_web_ui=False,
        help="the shop is mine, and may be driven although it is not on this machine",
    )


def _pace(text: str) -> float:
    pace = float(text)
    if not 0.1 <= pace <= 10:
        raise ArgumentTypeError("a number from 0.1 to 10")
    return pace


@events.init.add_listener
def prepare(environment: Environment, **_: Any) -> None:
    """Refuse at once what would be refused later, and listen for the workers' findings."""
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        return
    if environment.host and (why := _not_to_be_driven(environment)) is not None:
        sys.stderr.write(f"locust: {why}\n")
        sys.exit(EXIT_USAGE)
    if find_account(os.environ, Path(options_of(environment).data_dir)) is None:
        log.warning(NOBODY)
        environment.user_classes = [each for each in environment.user_classes if each is not Host]
    if isinstance(runner, MasterRunner):
        runner.register_message(FINDINGS, collect)


# -- A run ----------------------------------------------------------------------------------------


@events.test_start.add_listener
def begin(environment: Environment, **_: Any) -> None:
    """Find the show and begin an evening in this process."""
    options = options_of(environment)
    plan = plan_of(options)
    try:
        show = find_show(environment.host or "", options.show or None)
    except NoShow as error:
        log.error("%s", error)
        environment.process_exit_code = EXIT_USAGE
        if environment.runner is not None:
            environment.runner.quit()
        return
    Person.evening = Evening(environment, plan, show)
    if not isinstance(environment.runner, MasterRunner):
        gevent.spawn(cut_everyone, Person.evening)


@events.test_stopping.add_listener
def settle(environment: Environment, **_: Any) -> None:
    """Give everybody time to catch up, while they are still there."""
    if not isinstance(environment.runner, MasterRunner) and hasattr(Person, "evening"):
        Person.evening.settle(options_of(environment).settle)


@events.test_stop.add_listener
def conclude(environment: Environment, **_: Any) -> None:
    """Judge the run; a worker leaves that to its master and tells what it found."""
    if not hasattr(Person, "evening"):
        return
    evening, runner = Person.evening, environment.runner
    findings = evening.findings()
    if isinstance(runner, WorkerRunner):
        runner.send_message(FINDINGS, {"broken": findings, "placed": sorted(evening.placed)})
        return
    for finding in findings:
        _tell(environment, finding)
    _check_books(environment, evening)
    if environment.process_exit_code != EXIT_BROKEN:
        log.info("All that must hold, holds.")


def collect(environment: Environment, msg: Any, **_: Any) -> None:
    """Take in what a worker found."""
    Person.evening.placed.update(msg.data["placed"])
    for finding in msg.data["broken"]:
        _tell(environment, finding)


@events.quitting.add_listener
def go_home(environment: Environment, **_: Any) -> None:
    """End a run that was interrupted as any other: what must hold is checked then as well."""
    if environment.runner is not None:
        environment.runner.stop()


def _check_books(environment: Environment, evening: Evening) -> None:
    account = find_account(os.environ, Path(options_of(environment).data_dir))
    if account is None:
        return
    began = time.monotonic()
    books = look_into(evening.url, evening.show, account, sorted(evening.placed))
    if books.unseen:
        _tell(environment, f"the shop's books could not be read: {books.unseen}")
    for what in books.broken:
        _tell(environment, what)
    if not (books.unseen or books.broken):
        ms = (time.monotonic() - began) * 1000
        evening.took("invariant", "the shop's books add up", ms)


def _tell(environment: Environment, finding: str) -> None:
    """Say that something was broken: in the log, among Locust's failures, in the exit status."""
    log.error("BROKEN: %s", finding)
    environment.process_exit_code = EXIT_BROKEN
    Person.evening.failed("invariant", "what must hold", 0.0, Broken(finding))
