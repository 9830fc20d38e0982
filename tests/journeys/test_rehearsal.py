"""
A rehearsal, in real browsers: a host practises the evening, a member of the team buys, a stranger
finds nothing, and the show itself is as it was planned.
"""

import re

import httpx
import pytest
from playwright.async_api import expect

from liveshop_client import Api
from loadtest.invariants import check
from tests.demo import Demo
from tests.journeys.accessible import Tour
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import add_flash_sale, button, plan_show, sign_in

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)

CUP = "Moon Glaze Mug"


async def joined_the_team(demo: Demo, email: str) -> str:
    """Return the sign-in of someone who may see a host's numbers and nothing else."""
    async with httpx.AsyncClient(base_url=demo.url) as http:
        address, password = demo.host_credentials()
        host = await http.post("/api/auth/login", json={"email": address, "password": password})
        invited = await http.post(
            "/api/team/invitations",
            json={"name": "Quinn", "permissions": ["numbers"]},
            headers={"authorization": f"Bearer {host.json()['token']}"},
        )
        member = await http.post(
            "/api/auth/register",
            json={"email": email, "password": "a long password", "name": "Quinn"},
        )
        joined = await http.post(
            "/api/places",
            json={"code": invited.json()["code"]},
            headers={"authorization": f"Bearer {member.json()['token']}"},
        )
    assert joined.status_code == 200, joined.text
    return member.text


async def test_a_host_rehearses_with_the_team_and_nobody_else(stage: Stage, demo: Demo) -> None:
    host = await stage.page("host", wide=True)
    await sign_in(host, demo)
    show = await plan_show(host, "An evening to practise")
    await add_flash_sale(host, CUP, units=3)
    desk = Tour(host, thumbs=False)
    await desk.look("desk of a planned show")
    await button(host, "Rehearse").click()
    await expect(host.get_by_text("Rehearsal: only you and your team see this.")).to_be_visible()
    found = re.search(r"([a-z0-9-]+)$", host.url)
    assert found is not None
    rehearsal = found[1]
    assert rehearsal != show
    await desk.look("desk of a rehearsal")
    await button(host, "Go live").click()
    await button(host, f"Pin {CUP}").click()
    await button(host, f"Open {CUP}").click()
    await button(host, "10 s").click()

    # Who is signed in to the console of this browser comes in as who they are there.
    member = await stage.page("member")
    await member.goto("/page.css")
    await member.evaluate(
        "kept => localStorage.setItem('liveshop.console', kept)",
        await joined_the_team(demo, f"quinn-{show}@example.com"),
    )
    await member.goto(f"/live/{rehearsal}")
    await expect(member.get_by_text("Rehearsal: only you and your team see this")).to_be_visible()
    await expect(button(member, "Share")).to_have_count(0)
    card = member.get_by_role("article").filter(has_text=CUP).first
    await button(card, "Buy").click()
    await expect(card).to_contain_text(re.compile(r"Pay \d"))
    await button(card, re.compile(r"^Pay")).click()
    await expect(member.get_by_text("This is a rehearsal: nothing is paid for.")).to_be_visible()
    orders = host.get_by_role("region", name="Orders")
    await expect(orders).to_contain_text("Quinn")
    await expect(orders).to_contain_text("To be paid")
    room = Tour(member, thumbs=True)
    await room.look("room of a rehearsal")

    stranger = await stage.page("stranger")
    await stranger.goto(f"/live/{rehearsal}")
    await expect(stranger.get_by_text("This show is nowhere to be found")).to_be_visible()
    await stranger.goto("/")
    await expect(stranger.get_by_text("An evening to practise")).to_have_count(1)

    await button(host, "End rehearsal").click()
    await button(host, "End it for your team?").click()
    await host.wait_for_url(f"**/console#/shows/{show}")
    await expect(button(host, "Go live")).to_be_visible()
    await expect(member.get_by_text("The rehearsal is over")).to_be_visible()
    # What was kept of the page is still whoever that browser's viewer was: nobody.
    assert await member.evaluate("localStorage.getItem('liveshop.viewer')") is None

    async with Api(demo.url) as api:
        await api.login(*demo.host_credentials())
        assert await check(api, rehearsal) == []
        tally = await api.tally(rehearsal)
        planned = await api.show(show)
    assert (tally["orders"], tally["paid"], tally["takings_minor"]) == (1, 0, 0)
    assert planned["show"]["state"] == "draft"
    assert [*desk.faults, *room.faults] == []
    assert [each["state"] for each in planned["offers"]] == ["draft"]
