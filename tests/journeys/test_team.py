"""
A team at work, in real browsers: who is invited does what they may, is refused the rest, and the
host sees who did what.
"""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.demo import Demo
from tests.journeys.conftest import PATIENCE_MS, Stage
from tests.journeys.test_evening import button, plan_show, sign_in, take_a_name
from tests.journeys.test_moderation import line, pick, says

pytestmark = pytest.mark.browser

expect.set_options(timeout=PATIENCE_MS)


async def invite(host: Page, name: str, preset: str) -> str:
    """Invite someone from the team's page, and return the link that they are given."""
    await button(host, "Invite").click()
    await host.get_by_label("Whom").fill(name)
    await host.get_by_role("radio", name=preset).check()
    await button(host, "Make the invitation").click()
    link = await host.get_by_label("Link").input_value()
    await button(host, "Done").click()
    return link


async def test_a_member_moderates_and_does_no_more_and_the_host_sees_it(
    stage: Stage, demo: Demo
) -> None:
    host = await stage.page("host", wide=True)
    await sign_in(host, demo)
    show = await plan_show(host, "An evening with a team")
    await button(host, "Go live").click()
    ann = await stage.page("ann")
    await ann.goto(f"/live/{show}")
    await says(ann, "Buy at my shop instead")
    await take_a_name(ann, "Ann")
    await expect(line(host, "Buy at my shop instead")).to_be_visible()
    await host.goto("/console#/team")
    link = await invite(host, "Pat", "Moderator")
    await expect(host.get_by_role("heading", name="Open invitations")).to_be_visible()

    # Who has no account opens one with the invitation, and is in the shop of the host.
    member = await stage.page("member", wide=True)
    await member.goto(link)
    await button(member, "I have no account yet").click()
    await member.get_by_label("Your name").fill("Pat")
    await member.get_by_label("Email").fill(f"pat-{show}@example.com")
    await member.get_by_label("Password").fill("a long password")
    await button(member, "Open account").click()
    await button(member, "Join").click()
    await expect(member.get_by_text("team: Moderate")).to_be_visible()
    await expect(member.get_by_role("link", name="Shows", exact=True)).to_be_visible()
    for page in ("Products", "Team"):
        await expect(member.get_by_role("link", name=page, exact=True)).to_have_count(0)
    await expect(button(member, "New show")).to_have_count(0)

    # At the desk there is what they may do, and nothing else.
    await member.get_by_role("link", name=re.compile("An evening with a team")).first.click()
    await expect(member.get_by_text("You are here for", exact=False)).to_contain_text("Moderate")
    await pick(member, "Buy at my shop instead", "Delete line")
    await expect(line(member, "Buy at my shop instead")).to_have_count(0)
    await expect(ann.get_by_text("Buy at my shop instead")).to_have_count(0)
    for deed in ("End show", "Add offer", "Coupons"):
        await expect(button(member, deed)).to_have_count(0)
    for part in ("Orders", "Your video"):
        await expect(member.get_by_role("heading", name=part)).to_have_count(0)
    await member.goto("/console#/products")
    await expect(member.get_by_role("alert")).to_contain_text("does not include this")

    # What is taken away while they look is refused in a sentence, and gone from their page.
    await member.goto(f"/console#/shows/{show}")
    await says(ann, "And once more")
    await expect(line(member, "And once more")).to_be_visible()
    await button(host, "Change what Pat may do").click()
    await host.get_by_role("checkbox", name="Moderate").uncheck()
    await host.get_by_role("checkbox", name="Orders").check()
    await button(host, "Save").click()
    await expect(host.get_by_text("Pat may do that from now on")).to_be_visible()
    pat = (
        host.get_by_role("list", name="Members")
        .get_by_role("listitem")
        .filter(has=button(host, "Change what Pat may do"))
    )
    await expect(pat.locator(".team-permissions > li")).to_have_text(["Orders"])
    # The sentence stays for some seconds only, so it is awaited while they press.
    await asyncio.gather(
        pick(member, "And once more", "Delete line"),
        expect(member.get_by_text("does not include `moderate`")).to_be_visible(),
    )
    await expect(member.get_by_role("heading", name="Orders")).to_be_visible()
    await expect(line(ann, "And once more")).to_be_visible()

    # A show that they plan is the host's.
    await button(host, "Change what Pat may do").click()
    await host.get_by_role("checkbox", name="Run shows").check()
    await button(host, "Save").click()
    await plan_show(member, "Planned by Pat")
    await expect(member.get_by_text("You are here for")).to_contain_text("Run shows")
    await expect(button(member, "Go live")).to_be_visible()

    # The host sees all of it, the newest first.
    await host.get_by_role("link", name="Who did what").click()
    entries = host.locator(".audit > li")
    for entry in (entries.nth(0), entries.nth(1)):
        await expect(entry).to_contain_text("changed what is allowed to Pat")
    await expect(entries.nth(0)).to_contain_text("Run shows and Orders")
    await expect(entries.nth(2)).to_contain_text("Pat deleted a line of Ann")
    await expect(entries.nth(2)).to_contain_text("in An evening with a team")
    await expect(entries.nth(3)).to_contain_text("Pat joined the team")
    await host.get_by_role("radio", name="The chats").check()
    await expect(entries.filter(has_text="joined the team")).to_have_count(0)
    await expect(entries.nth(0)).to_contain_text("Pat deleted a line of Ann")

    # A member who is removed is nowhere.
    await host.get_by_role("link", name="Members").click()
    await button(host, "Change what Pat may do").click()
    await button(host, "Remove from the team").click()
    await button(host, "Remove Pat?").click()
    await expect(host.get_by_text("Pat is no longer in the team")).to_be_visible()
    await member.reload()
    await expect(member.get_by_role("heading", name="You are in no team yet")).to_be_visible()
    await host.get_by_role("link", name="Who did what").click()
    await host.locator(".menu summary").click()
    await button(host, "简体中文").click()
    await expect(host.get_by_role("heading", name="操作记录")).to_be_visible()
    await expect(entries.nth(0)).to_contain_text("移出了成员 Pat")
