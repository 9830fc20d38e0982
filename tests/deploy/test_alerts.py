"""Every alert fires on what it is for and on nothing less, as promtool finds out."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from msgspec import Struct

from tests.deploy.prometheus import promtool

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
RULES: Final = DEPLOY / "prometheus" / "alerts.yml"
ALERTS: Final[dict[str, dict[str, Any]]] = {
    rule["alert"]: rule
    for group in yaml.safe_load(RULES.read_text())["groups"]
    for rule in group["rules"]
}


class Case(Struct, frozen=True):
    """
    Series that an alert fires on, and the same just below its threshold.

    Values are promtool's: ``0x40`` stays, ``0+5x40`` grows; a sample every 5 s. ``labels`` are the
    alert's beyond its severity.
    """

    bad: dict[str, str]
    good: dict[str, str]
    labels: dict[str, str] = {}
    at: str = "180s"


WEB: Final = {"job": "liveshop-serve", "instance": "web:9464"}


def web(metric: str) -> str:
    return f'{metric}{{job="liveshop-serve",instance="web:9464"}}'


def buckets(metric: str, quick: str, slow: str) -> dict[str, str]:
    """Return a histogram of which ``quick`` took less than 0.1 s and the rest 2."""
    return {
        f'{metric}_bucket{{le="0.1"}}': f"0+{quick}x400",
        f'{metric}_bucket{{le="1"}}': f"0+{quick}x400",
        f'{metric}_bucket{{le="2.5"}}': f"0+{slow}x400",
        f'{metric}_bucket{{le="+Inf"}}': f"0+{slow}x400",
    }


CASES: Final = {
    "LiveshopDown": Case({web("up"): "0x400"}, {web("up"): "1x400"}, WEB),
    "LiveshopGateShut": Case(
        {web("liveshop_gate_open"): "0x400"},
        {web("liveshop_gate_open"): "1x400"},
        {"instance": "web:9464"},
    ),
    "LiveshopOrdersNotWritten": Case(
        {"liveshop_order_stream_age_seconds": "11x400"},
        {"liveshop_order_stream_age_seconds": "9x400"},
    ),
    "LiveshopNobodyWritesOrders": Case(
        {'liveshop_order_writer_active{instance="a"}': "0x400"},
        {
            'liveshop_order_writer_active{instance="a"}': "0x400",
            'liveshop_order_writer_active{instance="b"}': "1x400",
        },
    ),
    "LiveshopSurveyStale": Case(
        {"liveshop_survey_timestamp_seconds": "0x400"},
        {"liveshop_survey_timestamp_seconds": "0+5x400"},
    ),
    "LiveshopRoomsDeaf": Case(
        {web("liveshop_subscription_up"): "0x400"}, {web("liveshop_subscription_up"): "1x400"}, WEB
    ),
    "LiveshopFactsWaiting": Case(
        {"liveshop_facts_age_seconds": "6x400"}, {"liveshop_facts_age_seconds": "4x400"}
    ),
    "LiveshopFanoutSlow": Case(
        buckets("liveshop_fanout_seconds", "90", "100"),
        buckets("liveshop_fanout_seconds", "100", "100"),
        at="300s",
    ),
    "LiveshopLoopStalls": Case(
        {web("liveshop_loop_lag_seconds"): "1.5x400"},
        {web("liveshop_loop_lag_seconds"): "0.9x400"},
        WEB,
    ),
    "LiveshopFull": Case(
        {"liveshop_connections": "96x400", "liveshop_connections_limit": "100x400"},
        {"liveshop_connections": "94x400", "liveshop_connections_limit": "100x400"},
    ),
    "LiveshopPaymentsStand": Case(
        {
            'liveshop_orders_total{event="placed"}': "0+1x400",
            'liveshop_orders_total{event="paid"}': "7x400",
        },
        {
            'liveshop_orders_total{event="placed"}': "0+1x400",
            'liveshop_orders_total{event="paid"}': "0+1x400",
        },
        at="900s",
    ),
    "LiveshopServerErrors": Case(
        {
            'liveshop_http_request_seconds_count{status="200"}': "0+97x400",
            'liveshop_http_request_seconds_count{status="503"}': "0+3x400",
        },
        {
            'liveshop_http_request_seconds_count{status="200"}': "0+99x400",
            'liveshop_http_request_seconds_count{status="404"}': "0+50x400",
            'liveshop_http_request_seconds_count{status="503"}': "0+1x400",
        },
        at="300s",
    ),
    "LiveshopJoinsDeferred": Case(
        {"liveshop_entrances_deferred_total": "0+150x400"},
        {"liveshop_entrances_deferred_total": "0+50x400"},
    ),
    "LiveshopNearlyFull": Case(
        {"liveshop_connections": "81x400", "liveshop_connections_limit": "100x400"},
        {"liveshop_connections": "79x400", "liveshop_connections_limit": "100x400"},
    ),
    "LiveshopLoopLate": Case(
        {web("liveshop_loop_lag_seconds"): "0.2x400"},
        {web("liveshop_loop_lag_seconds"): "0.05x400"},
        WEB,
        at="600s",
    ),
    "LiveshopSlowViewers": Case(
        {"liveshop_viewers_slow_total": "0+10x400", "liveshop_viewers": "1000x400"},
        {"liveshop_viewers_slow_total": "0+1x400", "liveshop_viewers": "1000x400"},
        at="700s",
    ),
    "LiveshopDatabaseBusy": Case(
        {
            web("liveshop_database_connections_used"): "10x400",
            web("liveshop_database_connections_limit"): "10x400",
        },
        {
            web("liveshop_database_connections_used"): "9x400",
            web("liveshop_database_connections_limit"): "10x400",
        },
        WEB,
    ),
    "LiveshopNewsDropped": Case(
        {web("liveshop_news_dropped_total"): "0x10 5x400"},
        {web("liveshop_news_dropped_total"): "5x400"},
        WEB,
    ),
    "LiveshopOrdersParked": Case(
        {"liveshop_orders_parked": "1x400"}, {"liveshop_orders_parked": "0x400"}
    ),
    "LiveshopRefundsStand": Case(
        {"liveshop_refunds_age_seconds": "3700x400"},
        {"liveshop_refunds_age_seconds": "3500x400"},
        at="600s",
    ),
    "LiveshopPaymentDrift": Case(
        {"liveshop_payment_drift": "1x400"}, {"liveshop_payment_drift": "0x400"}
    ),
    "LiveshopMediaDown": Case(
        {'up{job="liveshop-media",instance="m"}': "0x400"},
        {'up{job="liveshop-media",instance="m"}': "1x400"},
        {"job": "liveshop-media", "instance": "m"},
    ),
    "LiveshopFilesShort": Case(
        {web("process_open_fds"): "95x400", web("process_max_fds"): "100x400"},
        {web("process_open_fds"): "85x400", web("process_max_fds"): "100x400"},
        WEB,
    ),
    "LiveshopGateRebuilt": Case(
        {web("liveshop_gate_epoch"): "4x130 0x2 5x400"},
        # A process that was started again begins at none, and finds the same epoch.
        {web("liveshop_gate_epoch"): "4x130 0x2 4x400"},
        at="720s",
    ),
    "LiveshopRestarted": Case(
        {web("process_start_time_seconds"): "7x10 90x400"},
        {web("process_start_time_seconds"): "7x400"},
        WEB,
    ),
    "LiveshopNoStandby": Case(
        {'liveshop_order_writer_active{instance="a"}': "1x400"},
        {
            'liveshop_order_writer_active{instance="a"}': "1x400",
            'liveshop_order_writer_active{instance="b"}': "0x400",
        },
        at="900s",
    ),
}


def test_every_alert_fires_on_what_it_is_for_and_on_nothing_less(tmp_path: Path) -> None:
    assert set(CASES) == set(ALERTS)
    tests = []
    for name, case in CASES.items():
        rule = ALERTS[name]
        firing = {
            "exp_labels": {"severity": rule["labels"]["severity"], **case.labels},
            "exp_annotations": rule["annotations"],
        }
        for series, expected in ((case.bad, [firing]), (case.good, [])):
            tests.append(
                {
                    "interval": "5s",
                    "name": name,
                    "input_series": [
                        {"series": each, "values": values} for each, values in series.items()
                    ],
                    "alert_rule_test": [
                        {"alertname": name, "eval_time": case.at, "exp_alerts": expected}
                    ],
                }
            )
    file = tmp_path / "tests.yml"
    file.write_text(
        json.dumps({"rule_files": [str(RULES)], "evaluation_interval": "5s", "tests": tests})
    )

    said = promtool("test", "rules", file)

    assert said.returncode == 0, said.stdout + said.stderr


def test_prometheus_understands_the_configuration() -> None:
    said = promtool("check", "config", DEPLOY / "prometheus" / "prometheus.yml")

    assert said.returncode == 0, said.stdout + said.stderr


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_has_a_page_in_the_runbook_that_names_it(name: str) -> None:
    file, _, anchor = ALERTS[name]["annotations"]["runbook"].partition("#")
    sections = (DEPLOY.parent / file).read_text().split("\n## ")[1:]
    by_anchor = {
        re.sub(r"[^a-z0-9 -]", "", text.partition("\n")[0].lower()).replace(" ", "-"): text
        for text in sections
    }

    assert f"`{name}`" in by_anchor[anchor]
