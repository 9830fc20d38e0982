"""
What the web process shows Prometheus of numbers that its parts keep anyway, read when it asks.

So the hot paths pay nothing for being watched: no lock, no label, no call.
"""

import asyncio
from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from commerce.offers.batcher import Batcher
from commerce.offers.fence import Fence
from commerce.store.pool import Pool
from live.announcer import Announcer
from live.telemetry import Metrics
from rooms.brokers import Broker
from rooms.node import Node
from rooms.passes import BOUNDS_S, Durations


class RoomFigures(Collector):
    """The rooms of this worker."""

    def __init__(self, node: Node, broker: Broker) -> None:
        self._node = node
        self._broker = broker

    def collect(self) -> Iterator[Metric]:
        """Read them now: a millisecond for ten thousand viewers."""
        now, passes = self._node.statistics(), self._node.passes
        deaf_since = self._broker.deaf_since
        deaf_s = 0.0 if deaf_since is None else asyncio.get_running_loop().time() - deaf_since
        for name, meaning, value in (
            ("connections", "Sockets that are open in this process", now.connections),
            ("viewers", "Viewers connected to this process", now.viewers),
            ("viewers_behind", "Viewers whose sockets are full now", now.behind),
            ("rooms", "Rooms that are open in this process", now.rooms),
            ("subscription_up", "1 while every Redis of the rooms is heard", self._broker.ready),
            ("subscription_deaf_seconds", "For how long one has not been heard", deaf_s),
        ):
            yield GaugeMetricFamily(f"liveshop_{name}", meaning, value)
        entrances = CounterMetricFamily(
            "liveshop_entrances", "Viewers who were let into a room", labels=["how"]
        )
        entrances.add_metric(["fresh"], now.joins - now.resumes)
        entrances.add_metric(["resumed"], now.resumes)
        yield entrances
        for name, meaning, value in (
            ("entrances_refused", "Viewers who were refused for good", now.refused),
            ("entrances_deferred", "Viewers who were told to come again", now.deferred),
            ("viewers_slow", "Viewers sent away because they could not keep up", passes.slow),
            ("fanout_deliveries", "Viewers of all passes", passes.deliveries),
            ("chat_lines_left_out", "Chat lines that a room did not show", passes.left_out),
        ):
            yield CounterMetricFamily(f"liveshop_{name}", meaning, value)
        yield _histogram(
            "liveshop_fanout_seconds",
            "From a message's arrival in this process to the last viewer of its pass",
            passes.reached,
        )
        yield _histogram("liveshop_pass_seconds", "One pass over a room's viewers", passes.took)


def watch_rooms(metrics: Metrics, node: Node, broker: Broker, *, connections: int) -> None:
    """Show the rooms, and how many ``connections`` this process takes at most."""
    metrics.registry.register(RoomFigures(node, broker))
    metrics.read(
        "liveshop_connections_limit",
        "Sockets that this process holds at most",
        lambda: connections,
    )


def watch_gate(metrics: Metrics, fence: Fence) -> None:
    """Show whether this process may sell, and in which epoch."""
    metrics.read(
        "liveshop_gate_open",
        "1 while the gate's epoch is in force, 0 while nothing can be reserved",
        lambda: fence.standing is not None,
    )
    metrics.read(
        "liveshop_gate_epoch",
        "The gate's epoch; it grows whenever Redis was lost and the gate rebuilt",
        lambda: fence.standing.epoch if fence.standing is not None else 0,
    )


def watch_batcher(metrics: Metrics, batcher: Batcher) -> None:
    """Show how many attempts wait for the gate."""
    metrics.read(
        "liveshop_gate_waiting",
        "Attempts to reserve that wait for their call to the gate",
        lambda: batcher.waiting,
    )


def watch_news(metrics: Metrics, announcer: Announcer) -> None:
    """Show whether buyers hear of their orders."""

    class Dropped(Collector):
        def collect(self) -> Iterator[Metric]:
            yield CounterMetricFamily(
                "liveshop_news_dropped",
                "Whispers to buyers that could not be delivered",
                announcer.mark(),
            )

    metrics.registry.register(Dropped())
    metrics.read(
        "liveshop_news_waiting",
        "Whispers that wait in the fullest of the lanes",
        lambda: announcer.waiting,
    )


def watch_pool(metrics: Metrics, pool: Pool) -> None:
    """Show the connections to PostgreSQL."""
    metrics.read(
        "liveshop_database_connections_used",
        "Connections to PostgreSQL that are lent out",
        lambda: pool.get_size() - pool.get_idle_size(),
    )
    metrics.read(
        "liveshop_database_connections_limit",
        "Connections to PostgreSQL that there may be",
        lambda: pool.get_max_size(),
    )


def _histogram(name: str, meaning: str, durations: Durations) -> HistogramMetricFamily:
    bounds = [*(str(bound) for bound in BOUNDS_S), "+Inf"]
    buckets = list(zip(bounds, accumulate(map(float, durations.counts)), strict=True))
    return HistogramMetricFamily(name, meaning, buckets=buckets, sum_value=durations.total_s)
