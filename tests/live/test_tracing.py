"""A purchase's trace: one tree over two processes, and nothing at all where nobody looks."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from commerce.tracing import UNTRACED, trace_id
from live.config import ConfigError
from live.embedded import Services
from live.tracing import open_tracer
from tests.live.otlp import Collector, collecting
from tests.live.server import Live, open_live
from tests.waiting import until


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that is sent every purchase at once."""
    with collecting() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
        monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "1")
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
        yield collector


async def purchase(live: Live) -> None:
    """Let someone buy one of twenty."""
    host, buyer = await live.member("host"), await live.guest()
    offer = await live.selling(host)
    async with live.watching(offer["show"], buyer) as viewer:
        await viewer.hear("joined")
        await viewer.send(type="reserve", id="r1", offer=offer["id"])
        await viewer.hear("placed")


async def test_a_purchase_is_one_trace_from_the_socket_to_the_commit(
    services: Services, tmp_path: Path, collector: Collector
) -> None:
    async with open_live(services, tmp_path) as live:
        await purchase(live)
        spans = {span.name: span for span in await collector.spans(3)}

    reserve, gate, place = spans["reserve"], spans["gate.reserve"], spans["orders.place"]
    assert len(spans) == 3
    assert {span.trace for span in spans.values()} == {reserve.trace}
    assert (reserve.parent, gate.parent, place.parent) == ("", reserve.id, reserve.id)
    assert [each.service for each in (reserve, gate, place)] == [
        *("liveshop-serve", "liveshop-serve", "liveshop-work")
    ]
    assert reserve.began <= gate.began <= gate.ended <= reserve.ended
    assert gate.began < place.began < place.ended
    assert reserve.attributes["liveshop.outcome"] == "Held"
    assert (gate.attributes["liveshop.batch"], place.attributes["liveshop.batch"]) == (1, 1)


async def test_a_purchase_by_request_goes_on_with_the_trace_of_the_caller(
    services: Services, tmp_path: Path, collector: Collector
) -> None:
    trace, caller = f"{7:032x}", f"{8:016x}"
    async with open_live(services, tmp_path) as live:
        host, buyer = await live.member("host"), await live.guest()
        offer = await live.selling(host)
        buyer.headers["traceparent"] = f"00-{trace}-{caller}-01"
        async with live.watching(offer["show"], buyer) as viewer:
            await viewer.hear("joined")
            held = await buyer.post(f"/api/offers/{offer['id']}/reservations", {}, key="r1")
            await viewer.hear("placed")
        spans = {span.name: span for span in await collector.spans(3)}

    assert held.is_success
    assert {span.trace for span in spans.values()} == {trace}
    assert spans["reserve"].parent == caller
    assert {spans["gate.reserve"].parent, spans["orders.place"].parent} == {spans["reserve"].id}
    assert spans["reserve"].attributes["liveshop.outcome"] == "Held"


async def test_a_trace_that_breaks_off_says_where(collector: Collector) -> None:
    async with open_tracer({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url}, "work") as tracer:
        with pytest.raises(KeyError), tracer.together("orders.place", [f"00-{1:032x}-{2:016x}-01"]):
            raise KeyError
        with tracer.together("orders.place", ["what no tracer wrote"]):
            pass

    [broken] = await collector.spans(1)
    assert (broken.trace, broken.parent, broken.failed) == (f"{1:032x}", f"{2:016x}", True)


async def test_a_collector_that_is_away_costs_no_purchase(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER_ARG", "1")
    async with open_live(services, tmp_path) as live:
        await purchase(live)
        began = time.monotonic()

    assert time.monotonic() - began < 8
    # Nobody tries again behind a server's back that has stopped.
    await until(lambda: not [each for each in threading.enumerate() if "Otel" in each.name])


@pytest.mark.parametrize("ratio", ["two", "1.5", "-0.1"])
async def test_a_ratio_that_is_none_is_told(ratio: str) -> None:
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_TRACES_SAMPLER_ARG": ratio,
    }

    with pytest.raises(ConfigError, match=r"OTEL_TRACES_SAMPLER_ARG.*part from 0 to 1"):
        async with open_tracer(environ, "serve"):
            pass


async def test_a_ratio_of_zero_names_nobody() -> None:
    environ = {
        "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        "OTEL_TRACES_SAMPLER_ARG": "0",
    }
    async with open_tracer(environ, "serve") as tracer:
        span = tracer.begin("reserve", offer="ofr_1")
        span.end("SoldOut")

    assert (span.context, trace_id(span.context)) == ("", None)


async def test_without_an_endpoint_there_is_no_tracer() -> None:
    async with open_tracer({"OTEL_SERVICE_NAME": "shop"}, "serve") as tracer:
        assert tracer is UNTRACED


def test_without_an_endpoint_no_tracer_is_even_imported() -> None:
    program = (
        "import sys, live.app, live.work; "
        "print(*[name for name in sys.modules if name.startswith('opentelemetry.sdk.trace')])"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (said.stdout, said.stderr) == ("\n", "")
