"""
The Grafana dashboards, as data: ``python deploy/grafana/build.py`` writes ``dashboards/*.json``.

A dashboard of Grafana's own is a thousand lines of layout in which a query cannot be reviewed. Here
a panel is a line; a test holds the files to this source, and every query to a real Prometheus.
"""

import json
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent / "dashboards"

COLUMNS: Final = 24
"""Of Grafana's grid."""

Panel = tuple[str, str, dict[str, str]]
"""A title, the unit in Grafana's spelling, and the queries by their legends."""


def quantiles(metric: str, *shares: float) -> dict[str, str]:
    """Query a histogram of all processes."""
    return {
        f"p{share * 100:g}": (
            f"histogram_quantile({share}, sum by (le) (rate({metric}_bucket[$__rate_interval])))"
        )
        for share in shares
    }


def rate(metric: str, by: str) -> dict[str, str]:
    """Query a counter of all processes, a line for each value of a label."""
    return {f"{{{{{by}}}}}": f"sum by ({by}) (rate({metric}[$__rate_interval]))"}


def total(metric: str) -> str:
    """Query how fast a counter of all processes grows."""
    return f"sum(rate({metric}[$__rate_interval]))"


DASHBOARDS: Final[dict[str, tuple[Panel, ...]]] = {
    "show": (
        ("Viewers", "short", {"watching": "sum(liveshop_viewers)"}),
        (
            "Sockets taken",
            "percentunit",
            {
                "of all": "sum(liveshop_connections) / sum(liveshop_connections_limit)",
            },
        ),
        ("Entrances", "ops", rate("liveshop_entrances_total", "how")),
        (
            "Told to come again",
            "ops",
            {
                "deferred": total("liveshop_entrances_deferred_total"),
                "refused": total("liveshop_entrances_refused_total"),
            },
        ),
        ("Answers to joins", "ops", rate("liveshop_joins_total", "answer")),
        ("Rooms open, on all workers", "short", {"rooms": "sum(liveshop_rooms)"}),
        ("Shows on air", "short", {"shows": "max(liveshop_shows_on_air)"}),
        (
            "Video",
            "short",
            {
                "publishers": "sum(liveshop_media_publishers)",
                "viewers over WHEP": "sum(liveshop_media_viewers)",
            },
        ),
        (
            "Video packets mended",
            "pps",
            {
                "mended": total("liveshop_media_packets_repaired_total"),
            },
        ),
    ),
    "fanout": (
        ("A message reaches the last viewer", "s", quantiles("liveshop_fanout_seconds", 0.5, 0.99)),
        ("A pass takes", "s", quantiles("liveshop_pass_seconds", 0.5, 0.99)),
        (
            "Deliveries",
            "ops",
            {"{{instance}}": ("rate(liveshop_fanout_deliveries_total[$__rate_interval])")},
        ),
        ("Passes", "ops", {"passes": total("liveshop_pass_seconds_count")}),
        ("Event loop late", "s", {"{{instance}}": "liveshop_loop_lag_seconds"}),
        ("Viewers whose sockets are full", "short", {"behind": "sum(liveshop_viewers_behind)"}),
        ("Viewers sent away as too slow", "ops", {"slow": total("liveshop_viewers_slow_total")}),
        ("Chat lines left out", "ops", {"left out": total("liveshop_chat_lines_left_out_total")}),
        ("Workers that hear Redis", "short", {"{{instance}}": "liveshop_subscription_up"}),
        ("Deaf for", "s", {"{{instance}}": "liveshop_subscription_deaf_seconds"}),
    ),
    "sales": (
        ("Answers of the gate", "ops", rate("liveshop_gate_answers_total", "answer")),
        ("The gate sells", "short", {"{{instance}}": "liveshop_gate_open"}),
        ("A call to the gate takes", "s", quantiles("liveshop_gate_call_seconds", 0.5, 0.99)),
        ("Attempts that wait", "short", {"{{instance}}": "liveshop_gate_waiting"}),
        ("Orders", "ops", rate("liveshop_orders_total", "event")),
        ("Orders that await payment", "short", {"orders": "max(liveshop_orders_awaiting_payment)"}),
        ("From held to placed", "s", quantiles("liveshop_order_lag_seconds", 0.5, 0.99)),
        (
            "Order stream",
            "short",
            {
                "entries": "max(liveshop_order_stream_entries)",
                "parked": "max(liveshop_orders_parked)",
            },
        ),
        ("Age of the stream's head", "s", {"age": "max(liveshop_order_stream_age_seconds)"}),
        ("Units of open offers", "short", {"{{place}}": "max by (place) (liveshop_offer_units)"}),
        ("Open offers", "short", {"offers": "max(liveshop_offers_open)"}),
        ("Refunds due", "short", {"refunds": "max(liveshop_refunds_due)"}),
        ("Oldest refund due", "s", {"age": "max(liveshop_refunds_age_seconds)"}),
        ("Gateways differ from the ledger", "short", {"drift": "max(liveshop_payment_drift)"}),
        (
            "Whispers to buyers",
            "short",
            {
                "waiting": "max(liveshop_news_waiting)",
                "dropped a second": total("liveshop_news_dropped_total"),
            },
        ),
    ),
    "infrastructure": (
        ("Processes", "short", {"{{job}}": 'sum by (job) (up{job=~"liveshop-.*"})'}),
        (
            "Versions",
            "short",
            {"{{process}} {{version}}": ("count by (process, version) (liveshop_info)")},
        ),
        (
            "CPU, of a core",
            "percentunit",
            {
                "{{job}} {{instance}}": (
                    'rate(process_cpu_seconds_total{job=~"liveshop-.*"}[$__rate_interval])'
                )
            },
        ),
        (
            "Memory",
            "bytes",
            {"{{job}} {{instance}}": ('process_resident_memory_bytes{job=~"liveshop-.*"}')},
        ),
        (
            "Open files",
            "percentunit",
            {"{{job}} {{instance}}": ('process_open_fds{job=~"liveshop-.*"} / process_max_fds')},
        ),
        ("HTTP requests", "reqps", rate("liveshop_http_request_seconds_count", "status")),
        ("HTTP requests take", "s", quantiles("liveshop_http_request_seconds", 0.5, 0.99)),
        (
            "Connections to PostgreSQL",
            "percentunit",
            {
                "{{job}} {{instance}}": (
                    "liveshop_database_connections_used / liveshop_database_connections_limit"
                )
            },
        ),
        ("Gate's epoch", "short", {"epoch": "max(liveshop_gate_epoch)"}),
        ("Who writes orders", "short", {"{{instance}}": "liveshop_order_writer_active"}),
        ("Who relays facts", "short", {"{{instance}}": "liveshop_relay_active"}),
        ("Facts that wait", "short", {"facts": "max(liveshop_facts_waiting)"}),
        ("Oldest fact", "s", {"age": "max(liveshop_facts_age_seconds)"}),
        ("Facts relayed", "ops", rate("liveshop_facts_relayed_total", "topic")),
        ("Orders the gate has not heard of", "short", {"orders": "max(liveshop_orders_untold)"}),
        (
            "Webhook deliveries due",
            "short",
            {"deliveries": ("max(liveshop_webhook_deliveries_due)")},
        ),
        ("Age of the survey", "s", {"age": ("time() - max(liveshop_survey_timestamp_seconds)")}),
    ),
}


def dashboard(name: str, panels: tuple[Panel, ...]) -> dict[str, Any]:
    """Lay out a dashboard, three panels beside each other."""
    width, height, across = COLUMNS // 3, 7, 3
    return {
        "uid": f"liveshop-{name}",
        "title": f"liveshop: {name}",
        "tags": ["liveshop"],
        "schemaVersion": 39,
        "refresh": "5s",
        "time": {"from": "now-30m", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "source",
                    "label": "Prometheus",
                    "type": "datasource",
                    "query": "prometheus",
                }
            ]
        },
        "panels": [
            {
                "id": number + 1,
                "type": "timeseries",
                "title": title,
                "datasource": {"type": "prometheus", "uid": "${source}"},
                "gridPos": {
                    "x": number % across * width,
                    "y": number // across * height,
                    "w": width,
                    "h": height,
                },
                "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
                "targets": [
                    {"refId": chr(ord("A") + index), "expr": query, "legendFormat": legend}
                    for index, (legend, query) in enumerate(queries.items())
                ],
            }
            for number, (title, unit, queries) in enumerate(panels)
        ],
    }


def texts() -> dict[str, str]:
    """Return what is to be in each file."""
    return {
        f"{name}.json": json.dumps(dashboard(name, panels), indent=2) + "\n"
        for name, panels in DASHBOARDS.items()
    }


if __name__ == "__main__":
    for name, text in texts().items():
        (HERE / name).write_text(text, encoding="utf-8")
