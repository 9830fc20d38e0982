"""What the processes tell Prometheus of an evening in which everything is known."""

import re
from pathlib import Path

import httpx

from commerce.offers.epoch import open_epochs
from live.embedded import Services
from live.survey import Survey
from live.telemetry import Metrics, exposition
from tests.demo import free_port
from tests.live.server import open_live
from tests.live.shops import open_web

Figures = dict[str, float]


def read(text: str) -> Figures:
    lines = re.findall(r"^(liveshop_\S+) (\S+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in lines}


def told(metrics: Metrics) -> str:
    return bytes(exposition(metrics.registry).body).decode()


async def test_the_web_process_counts_who_came_and_what_they_got(
    services: Services, tmp_path: Path
) -> None:
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        offer = await live.selling(host, quantity=1)
        async with (
            live.watching(offer["show"], buyer) as viewer,
            live.watching(offer["show"]) as other,
        ):
            await viewer.hear("joined")
            await other.hear("joined")
            await viewer.send(type="reserve", id="r1", offer=offer["id"])
            await viewer.hear("reserved", to="r1")
            await viewer.send(type="reserve", id="r2", offer=offer["id"])
            await viewer.hear("refused", to="r2")
            await other.hear("stock", left=0)
            now = read((await live.client.get("/metrics")).text)

    assert now["liveshop_viewers"] == now["liveshop_connections"] == 2
    assert now["liveshop_viewers_behind"] == now["liveshop_viewers_slow_total"] == 0
    assert now['liveshop_entrances_total{how="fresh"}'] == 2
    assert now['liveshop_joins_total{answer="admitted"}'] == 2
    assert now['liveshop_gate_answers_total{answer="reserved"}'] == 1
    refused = [name for name in now if name.startswith("liveshop_gate_answers_total")]
    assert len(refused) == 2
    assert now["liveshop_gate_call_seconds_count"] == 2
    assert now["liveshop_fanout_seconds_count"] == now["liveshop_pass_seconds_count"] >= 1
    # Each pass was over one viewer or both.
    passes = now["liveshop_pass_seconds_count"]
    assert passes <= now["liveshop_fanout_deliveries_total"] <= 2 * passes
    assert now["liveshop_fanout_seconds_sum"] >= now["liveshop_pass_seconds_sum"] > 0
    assert (now["liveshop_gate_open"], now["liveshop_gate_waiting"]) == (1, 0)
    assert (now["liveshop_subscription_up"], now["liveshop_news_dropped_total"]) == (1, 0)


async def test_the_survey_finds_what_waits(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web, open_epochs(services.redis_url) as seen:
        host, buyer = await web.member("host"), await web.guest()
        offer = await web.selling(host, quantity=20)
        shop, metrics = web.shop, Metrics("work")
        survey = Survey(metrics, shop.pool, shop.gate, seen)
        await buyer.post(f"/api/offers/{offer['id']}/reservations", {"quantity": 1}, key="k1")
        await shop.gate.client.xadd(shop.gate.keys.parked, {"reason": "a test"})
        await survey.take()
        before = read(told(metrics))
        await web.write_orders()
        await survey.take()
        after = read(told(metrics))

    # The same word as on the socket, which `test_the_web_process_counts…` sees.
    assert read(told(shop.metrics))['liveshop_gate_answers_total{answer="reserved"}'] == 1
    assert before["liveshop_offers_open"] == 1
    assert before["liveshop_orders_parked"] == 1
    assert before["liveshop_facts_waiting"] > 0
    assert before["liveshop_order_stream_entries"] == 1
    assert before["liveshop_order_stream_age_seconds"] > 0
    assert before['liveshop_offer_units{place="held"}'] == 1
    assert before['liveshop_offer_units{place="available"}'] == 19
    assert after["liveshop_order_stream_entries"] == after["liveshop_order_stream_age_seconds"] == 0
    assert (
        before["liveshop_orders_awaiting_payment"],
        after["liveshop_orders_awaiting_payment"],
    ) == (*(0, 1),)


async def test_work_answers_on_a_port_of_its_own(services: Services, tmp_path: Path) -> None:
    port = free_port()
    async with (
        open_live(services, tmp_path, METRICS_PORT=str(port)),
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client,
    ):
        ready = await client.get("/readyz")
        text = (await client.get("/metrics")).text
        missing = await client.get("/api/shows")

    assert ready.json() == {"ready": True, "checks": {"postgres": "ok", "redis": "ok"}}
    assert 'liveshop_info{process="work"' in text
    assert missing.status_code == 404


def test_a_counter_of_a_label_is_the_same_each_time() -> None:
    metrics = Metrics()
    metrics.joins.labels("admitted").inc()
    metrics.joins.labels("admitted").inc()
    metrics.joins.labels("banned").inc()

    now = read(told(metrics))
    assert now['liveshop_joins_total{answer="admitted"}'] == 2
    assert now['liveshop_joins_total{answer="banned"}'] == 1
