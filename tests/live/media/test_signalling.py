"""What WHIP and WHEP answer over HTTP, to those who may and to those who may not."""

import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from live.auth import Tokens
from live.embedded import Services
from tests.live.media.conftest import House, open_house
from tests.live.media.offers import CHROMIUM_VIDEO, OBS, RFC_9725

SDP = {"content-type": "application/sdp"}
FRAGMENT = {"content-type": "application/trickle-ice-sdpfrag"}
NOBODY = "a=ice-ufrag:EsAw\r\na=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y\r\na=end-of-candidates\r\n"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


async def publish(
    house: House, show: str, token: str, offer: str = RFC_9725, query: str = ""
) -> httpx.Response:
    return await house.http.post(
        f"/whip/{show}{query}", content=offer, headers={**SDP, **bearer(token)}
    )


def code(response: httpx.Response) -> tuple[int, str]:
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["access-control-allow-origin"] == "*"
    return response.status_code, response.json()["code"]


async def test_the_example_of_the_rfc_is_accepted(house: House) -> None:
    show, token = await house.show()
    began = time.monotonic()

    response = await publish(house, show, token)

    assert response.status_code == 201
    assert response.headers["content-type"] == "application/sdp"
    assert response.headers["location"].startswith(f"/whip/{show}/")
    assert "etag" not in response.headers
    assert "m=video 0 UDP/TLS/RTP/SAVPF 96 97" in response.text
    assert time.monotonic() - began < 0.5


async def test_candidates_nobody_can_resolve_cost_no_time(house: House) -> None:
    show, token = await house.show()
    assert ".local" in CHROMIUM_VIDEO
    began = time.monotonic()

    assert (await publish(house, show, token, CHROMIUM_VIDEO)).status_code == 201
    assert time.monotonic() - began < 0.5


async def test_an_offer_of_obs_is_accepted(house: House) -> None:
    show, token = await house.show()

    response = await publish(house, show, token, OBS)

    assert response.status_code == 201
    assert "a=rtpmap:96 H264/90000" in response.text.splitlines()
    ended = await house.http.delete(response.headers["location"], headers=bearer(token))
    assert ended.status_code == 200


async def test_only_the_host_and_admins_may_publish(house: House) -> None:
    show, token = await house.show()
    _, another = await house.member("host", "Noor")
    _, watcher = await house.member("viewer", "Ann")
    _, admin = await house.member("admin", "Ada")
    forged, _ = Tokens(b"x" * 32, hours=1).issue(
        account="acc", name="Eve", role="host", now=time.time()
    )

    nobody = await house.http.post(f"/whip/{show}", content=RFC_9725, headers=SDP)
    assert code(nobody) == (401, "unauthorised")
    assert nobody.headers["www-authenticate"] == "Bearer"
    assert code(await publish(house, show, forged)) == (401, "bad_token")
    assert code(await publish(house, show, watcher)) == (403, "forbidden")
    assert code(await publish(house, show, another)) == (403, "not_yours")
    assert code(await publish(house, "nowhere", token)) == (404, "unknown_show")
    basic = {**SDP, "authorization": "Basic bWVpOnNlY3JldA=="}
    answer = await house.http.post(f"/whip/{show}", content=RFC_9725, headers=basic)
    assert code(answer) == (401, "bad_token")
    assert house.studio.stages.peer("whip", show, "") is None
    assert await house.metric("liveshop_media_publishers") == 0

    assert (await publish(house, show, admin)).status_code == 201


async def test_what_is_no_offer_is_refused_with_the_reason(house: House) -> None:
    show, token = await house.show()

    json = await house.http.post(f"/whip/{show}", json={}, headers=bearer(token))
    assert code(json) == (415, "wrong_content_type")
    assert code(await publish(house, show, token, "hello")) == (400, "malformed_sdp")
    large = await publish(house, show, token, "v=0\r\n" + "a=x\r\n" * 20_000)
    assert code(large) == (413, "too_large")
    av1 = await publish(house, show, token, RFC_9725.replace("VP8/90000", "AV1/90000"))
    assert code(av1) == (422, "unacceptable_offer")
    assert "H264 or VP8" in av1.json()["detail"]
    watching = await publish(house, show, token, RFC_9725.replace("sendonly", "recvonly"))
    assert code(watching) == (422, "unacceptable_offer")
    assert code(await publish(house, show, token, query="?takeover=maybe")) == (
        422,
        "invalid_value",
    )
    assert await house.metric("liveshop_media_publishers") == 0


async def test_a_session_takes_candidates_but_no_restart(house: House) -> None:
    show, token = await house.show()
    session = (await publish(house, show, token)).headers["location"]

    trickled = await house.http.patch(session, content=NOBODY, headers=FRAGMENT)
    assert (trickled.status_code, trickled.content) == (204, b"")
    restart = NOBODY.replace("EsAw", "ysXw")
    assert code(await house.http.patch(session, content=restart, headers=FRAGMENT)) == (
        422,
        "ice_restart_unsupported",
    )
    assert code(await house.http.patch(session, content=NOBODY, headers=SDP)) == (
        415,
        "wrong_content_type",
    )
    assert code(await house.http.patch(session, content="hello", headers=FRAGMENT)) == (
        400,
        "malformed_sdp",
    )


async def test_a_session_ends_by_delete_and_only_under_its_own_name(house: House) -> None:
    show, token = await house.show()
    session = (await publish(house, show, token)).headers["location"]

    assert code(await house.http.delete(f"/whip/{show}/guessed")) == (404, "unknown_session")
    assert code(await house.http.delete(session.replace(show, "other"))) == (
        404,
        "unknown_session",
    )
    assert code(await house.http.delete(session.replace("whip", "whep"))) == (
        404,
        "unknown_session",
    )
    ended = await house.http.delete(session, headers={"if-match": '"anything"'})
    assert ended.status_code == 200
    # The place is free as soon as the old session is.
    assert (await publish(house, show, token, query="?takeover=true")).status_code == 201


async def test_pages_of_other_sites_may_ask(house: House) -> None:
    for path, methods in (
        ("/whip/tea", "GET, OPTIONS, POST"),
        ("/whep/tea", "GET, HEAD, OPTIONS, POST"),
    ):
        preflight = await house.http.options(path)
        assert preflight.status_code == 200
        assert preflight.headers["accept-post"] == "application/sdp"
        assert preflight.headers["access-control-allow-origin"] == "*"
        assert preflight.headers["access-control-allow-methods"] == methods
        assert "Authorization" in preflight.headers["access-control-allow-headers"]
    session = await house.http.options("/whip/tea/abc")
    assert "PATCH" in session.headers["access-control-allow-methods"]


async def test_looking_at_an_endpoint_shows_nothing(house: House) -> None:
    for path in ("/whip/tea", "/whep/tea", "/whip/tea/abc", "/whep/tea/abc"):
        response = await house.http.get(path)
        assert (response.status_code, response.content) == (204, b"")
    head = await house.http.head("/whep/tea")
    assert (head.status_code, head.headers["content-type"]) == (200, "application/sdp")


async def test_who_comes_before_the_video_is_told_when_to_ask_again(house: House) -> None:
    show, _ = await house.show()
    offer = RFC_9725.replace("sendonly", "recvonly")

    early = await house.http.post(f"/whep/{show}", content=offer, headers=SDP)
    assert code(early) == (409, "not_on_air")
    assert early.headers["retry-after"] == "2"
    nowhere = await house.http.post("/whep/nowhere", content=offer, headers=SDP)
    assert code(nowhere) == (404, "unknown_show")


async def test_a_rehearsal_is_for_the_shows_host(house: House) -> None:
    show, token = await house.show()
    _, another = await house.member("host", "Noor")
    _, watcher = await house.member("viewer", "Ann")
    offer = RFC_9725.replace("sendonly", "recvonly")

    async def rehearsed(side: str, token: str | None, offer: str) -> httpx.Response:
        headers = {**SDP, **(bearer(token) if token else {})}
        path = f"/{side}/{show}?rehearsal=true"
        return await house.http.post(path, content=offer, headers=headers)

    assert code(await rehearsed("whip", watcher, RFC_9725)) == (403, "forbidden")
    assert code(await rehearsed("whep", None, offer)) == (401, "unauthorised")
    assert code(await rehearsed("whep", watcher, offer)) == (403, "forbidden")
    assert code(await rehearsed("whep", another, offer)) == (403, "not_yours")
    assert code(await rehearsed("whep", token, offer)) == (409, "not_on_air")
    unclear = await house.http.post(f"/whep/{show}?rehearsal=1", content=offer, headers=SDP)
    assert code(unclear) == (422, "invalid_value")
    # It is a place of its own: beside it somebody may be on air.
    assert (await publish(house, show, token)).status_code == 201
    assert (await rehearsed("whip", token, RFC_9725)).status_code == 201
    assert code(await rehearsed("whip", token, RFC_9725)) == (409, "already_publishing")


@pytest.fixture
async def behind_a_nat(services: Services, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(
        services,
        tmp_path,
        MEDIA_ADDRESSES="203.0.113.7,2001:db8::7",
        ICE_SERVERS="stun:stun.example.net,turn:mei:secret@turn.example.net?transport=udp",
    ) as house:
        yield house


async def test_behind_a_nat_the_answer_names_the_address_outside(behind_a_nat: House) -> None:
    show, token = await behind_a_nat.show()

    response = await publish(behind_a_nat, show, token)

    candidates = [
        line.split()[4] for line in response.text.splitlines() if line.startswith("a=candidate")
    ]
    assert candidates == ["203.0.113.7", "2001:db8::7"]
    assert response.headers.get_list("link") == [
        '<stun:stun.example.net>; rel="ice-server"',
        '<turn:turn.example.net?transport=udp>; rel="ice-server"; username="mei"; '
        'credential="secret"; credential-type="password"',
    ]
