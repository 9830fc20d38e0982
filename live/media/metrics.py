"""
What is counted in the media process. Names are an interface, as in `live.telemetry`.
"""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector

from live.version import VERSION


class MediaMetrics:
    """Everything that is counted here."""

    def __init__(self) -> None:
        registry = CollectorRegistry()
        self.registry: Final = registry
        ProcessCollector(registry=registry)
        Gauge(
            "liveshop_info",
            "1; which program this is",
            ["process", "version"],
            registry=registry,
        ).labels("media", VERSION).set(1)
        self.loop_lag: Final = Gauge(
            "liveshop_loop_lag_seconds",
            "How late the event loop woke up, at worst in 15 s",
            registry=registry,
        )
        self.publishers: Final = Gauge(
            "liveshop_media_publishers", "Publishers connected", registry=registry
        )
        self.viewers: Final = Gauge(
            "liveshop_media_viewers", "WHEP sessions, connected or about to be", registry=registry
        )
        self.ended: Final = Counter(
            "liveshop_media_sessions_ended_total",
            "Sessions that ended, by side and reason",
            ["side", "reason"],
            registry=registry,
        )
        self.refused: Final = Counter(
            "liveshop_media_sessions_refused_total",
            "Offers that were refused, by side and code",
            ["side", "code"],
            registry=registry,
        )
        self.forwarded: Final = Counter(
            "liveshop_media_packets_forwarded_total",
            "RTP packets sent to viewers, by kind",
            ["kind"],
            registry=registry,
        )
        self.repaired: Final = Counter(
            "liveshop_media_packets_repaired_total",
            "RTP packets that viewers lost and got again",
            registry=registry,
        )

        self.packaged: Final = Gauge(
            "liveshop_media_packaged_shows",
            "Shows packaged for HLS or recorded, by what happens to their pictures",
            ["pictures"],
            registry=registry,
        )
