"""
Whatever is sent to the HTTP interface, it answers what its OpenAPI document says, and never a 5xx.

Schemathesis makes requests from the document, valid and invalid ones, with ids that exist and ids
that do not, as a host, a viewer and nobody; a real server answers them on a real port.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from live.api.openapi import document
from live.embedded import Services
from live.site import ENDPOINTS
from live.version import VERSION
from tests.live.server import Live, open_live
from tests.live.shops import Visitor

EXAMPLES: Final = 10
"""Requests an operation; the seed is fixed, so they are the same in every run."""

CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


async def stage(live: Live) -> tuple[Mapping[str, str], list[Visitor]]:
    """Return names of what exists, and who may ask."""
    host, buyer = await live.member("host"), await live.guest()
    offer = await live.selling(host)
    async with live.watching(offer["show"], buyer) as viewer:
        await viewer.greeted()
        await viewer.send(type="reserve", id="r1", offer=offer["id"])
        order = (await viewer.hear("placed"))["order"]
    webhook = (await host.post("/api/webhooks", {"url": "https://shop.example/hook"})).json()
    exist = {
        "show": offer["show"],
        "offer": offer["id"],
        "order": order["id"],
        "product": offer["product"],
        "webhook": webhook["id"],
        "host": host.id,
        "account": buyer.id,
        "gateway": "sandbox",
    }
    return exist, [host, await live.member("admin", "Ada"), buyer, live.nobody]


def try_everything(url: str, exist: Mapping[str, str], people: list[Visitor]) -> list[str]:
    """Send requests to every operation; return what is wrong with their answers."""
    schema = schemathesis.openapi.from_dict(document(ENDPOINTS, VERSION))
    wrong: list[str] = []
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # the document is valid
        names = {name: exist[name] for name in _parameters(operation) if name in exist}
        requests = [operation.as_strategy(mode) for mode in GenerationMode]
        if names:
            requests += [
                operation.as_strategy(mode, path_parameters=names) for mode in GenerationMode
            ]

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=st.one_of(requests), who=st.sampled_from(people))
        def answers(case: Any, who: Visitor) -> None:
            answer = case.call(base_url=url, headers=who.headers)
            case.validate_response(answer, checks=CHECKS)

        try:
            answers()
        except BaseExceptionGroup as failures:
            wrong += [f"{operation.label}: {failure}" for failure in failures.exceptions]
    return wrong


def _parameters(operation: Any) -> list[str]:
    return [part[1:-1] for part in operation.path.split("/") if part.startswith("{")]


# The server draws from `random` in its own thread, which Hypothesis takes for a strategy's draw.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
async def test_every_answer_is_in_the_document_and_none_is_our_fault(
    services: Services, tmp_path: Path
) -> None:
    # No media process runs here, and what it would say is not asked for.
    async with open_live(services, tmp_path, MEDIA="off") as live:
        exist, people = await stage(live)
        url = f"http://127.0.0.1:{live.port}"
        wrong = await asyncio.to_thread(try_everything, url, exist, people)

    assert wrong == [], "\n\n".join(wrong)
