import re
from pathlib import Path

import httpx
import pytest

from commerce.ids import PaymentId
from commerce.payments.gateway import Charge
from commerce.payments.sandbox import SandboxCharge
from live.embedded import Services
from live.pages import site
from live.pages.sandbox import WORDS, language_of, page
from tests.live.shops import open_web


def charge(**changes: object) -> SandboxCharge:
    values = {
        "reference": "sbx_1",
        "payment": PaymentId("pay_1"),
        "amount_minor": 4800,
        "currency": "USD",
        "description": "Teapot × 1",
        "return_url": "/live/tea",
        "status": "open",
    }
    return SandboxCharge(**{**values, **changes})  # type: ignore[arg-type]


def test_whatever_a_charge_says_is_text() -> None:
    shown = page(charge(description="<script>alert('x')</script>"), "en")

    assert "<script>" not in shown
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt;" in shown


def test_the_page_shows_the_amount_and_every_choice() -> None:
    shown = page(charge(), "en")

    assert "Pay 48.00 USD" in shown
    assert re.findall(r'name="decision" value="(\w+)"', shown) == [
        "succeed",
        "decline",
        "late_5",
        "late_30",
    ]


def test_what_was_decided_cannot_be_decided_again() -> None:
    shown = page(charge(status="declined"), "en")

    assert "<form" not in shown
    assert "Declined" in shown
    assert 'href="/live/tea"' in shown


def test_the_page_speaks_the_languages_of_the_shop() -> None:
    assert language_of("zh-CN,zh;q=0.9,en;q=0.8") == "zh"
    assert language_of("en-GB,en;q=0.9,zh;q=0.1") == "en"
    assert language_of("") == "en"
    assert set(WORDS["en"]) == set(WORDS["zh"])
    assert "支付 48.00 USD" in page(charge(), "zh")


async def test_the_first_decision_stays(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        started = await web.shop.sandbox.charge(
            Charge(
                payment=PaymentId("pay_1"),
                amount_minor=4800,
                currency="USD",
                description="Teapot",
                return_url="/live/tea",
            )
        )
        nonsense = await web.client.post(started.redirect_url, data={"decision": "steal"})
        declined = await web.client.post(started.redirect_url, data={"decision": "decline"})
        changed = await web.client.post(started.redirect_url, data={"decision": "succeed"})
        shown = await web.client.get(started.redirect_url)

        assert nonsense.status_code == 422
        assert (declined.status_code, declined.headers["location"]) == (303, "/live/tea")
        assert changed.status_code == 303
        assert "Declined" in shown.text


async def test_an_unknown_payment_has_a_page_of_its_own(services: Services, tmp_path: Path) -> None:
    async with open_web(services, tmp_path) as web:
        shown = await web.client.get("/sandbox/pay/sbx_nowhere")

        assert shown.status_code == 404
        assert "No such payment" in shown.text


async def test_every_page_forbids_foreign_scripts_and_frames(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        for path in ("/", "/live/tea", "/console", "/sandbox/pay/x", "/page.css", "/nowhere"):
            answer = await web.client.get(path, headers={"accept": "text/html"})
            policy = answer.headers["content-security-policy"]

            assert "default-src 'self'" in policy, path
            assert "frame-ancestors 'self'" in policy
            assert "unsafe" not in policy
            assert answer.headers["x-content-type-options"] == "nosniff"


SHOP = "https://shop.example.com"
OTHER = "https://other.example.com"


def ancestors(answer: httpx.Response) -> list[str]:
    """Return who may frame a page."""
    directives = answer.headers["content-security-policy"].split("; ")
    [found] = [each.split()[1:] for each in directives if each.startswith("frame-ancestors ")]
    return list(found)


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [
        ("", ["'self'"]),
        (f"{SHOP},{OTHER}", ["'self'", SHOP, OTHER]),
        # The interface may be for everybody; a viewer's hand is not.
        ("*", ["'self'"]),
        (f"{SHOP},*", ["'self'", SHOP]),
    ],
)
async def test_a_live_room_is_framed_by_the_origins_of_the_settings_and_no_other_page_is(
    services: Services,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    origins: str,
    allowed: list[str],
) -> None:
    dist = tmp_path / "dist"
    dist.mkdir()
    for name in ("index.html", "console.html"):
        (dist / name).write_text("<!doctype html>")
    monkeypatch.setattr(site, "DIST", dist)
    async with open_web(services, tmp_path / "data", ORIGINS=origins) as web:
        assert ancestors(await web.client.get("/live/tea")) == allowed
        for path in ("/", "/console", "/sandbox/pay/x", "/page.css"):
            assert ancestors(await web.client.get(path)) == ["'self'"], path


async def test_the_elements_script_is_for_the_origins_of_the_settings(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "DIST", tmp_path)
    async with open_web(services, tmp_path / "data", ORIGINS=SHOP) as web:
        assert (await web.client.get("/embed.js")).status_code == 404
        (tmp_path / "embed.js").write_text("export {}")
        for origin, allowed in ((SHOP, SHOP), (OTHER, None)):
            script = await web.client.get("/embed.js", headers={"origin": origin})
            assert script.headers["content-type"].startswith("text/javascript")
            assert script.headers["cache-control"] == "no-cache"
            assert script.headers.get("access-control-allow-origin") == allowed


async def test_without_the_built_pages_it_says_how_to_build_them(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "DIST", tmp_path / "nothing")
    async with open_web(services, tmp_path) as web:
        shown = await web.client.get("/live/tea")

        assert shown.status_code == 503
        assert "make web" in shown.text


async def test_the_built_pages_are_asked_for_again_and_their_parts_never(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<!doctype html>viewer")
    (tmp_path / "dist" / "console.html").write_text("<!doctype html>console")
    (tmp_path / "dist" / "assets" / "main-1a2b.js").write_text("export {}")
    monkeypatch.setattr(site, "DIST", tmp_path / "dist")
    async with open_web(services, tmp_path / "data") as web:
        viewer = await web.client.get("/live/tea")
        console = await web.client.get("/console")
        script = await web.client.get("/assets/main-1a2b.js")
        missing = await web.client.get("/assets/main-0000.js")

        assert (viewer.text, viewer.headers["cache-control"]) == (
            "<!doctype html>viewer",
            "no-cache",
        )
        assert console.text == "<!doctype html>console"
        assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert script.headers["content-type"].startswith("text/javascript")
        assert missing.status_code == 404


async def test_sample_pictures_are_served_and_nothing_beside_them(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        picture = await web.client.get("/sample/moon-mug.svg")
        outside = await web.client.get("/sample/%2e%2e/products.csv")

        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/svg+xml")
        assert outside.status_code == 404


async def test_health_readiness_and_metrics_are_there_for_machines(
    services: Services, tmp_path: Path
) -> None:
    async with open_web(services, tmp_path) as web:
        health = await web.client.get("/healthz")
        ready = await web.client.get("/readyz")
        await web.client.get("/api/shows/nowhere")
        metrics = await web.client.get("/metrics")

        assert health.json() == {"status": "ok"}
        assert ready.status_code == 200
        assert ready.json() == {
            "ready": True,
            "checks": {"postgres": "ok", "redis": "ok", "rooms": "ok", "gate": "ok"},
        }
        assert (
            'liveshop_http_request_seconds_count{method="GET",route="/api/shows/{show}",'
            'status="404"} 1.0'
        ) in metrics.text
