"""
What is wrong with a screen for who cannot see it, hold a mouse or aim: for any page, in any state.

Invariant: an examination presses nothing on the page; Tab moves the focus, that is all.
"""

import re
from functools import cache
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Page, expect

HERE: Final = Path(__file__).parent

AXE: Final = HERE.parents[1] / "clients/node_modules/axe-core/axe.min.js"
"""Installed with the web clients' build, and never part of what it builds."""

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]

SCHEMES: Final[tuple[Literal["light"], Literal["dark"]]] = ("light", "dark")

ROUND_TRIPS: Final = 5
"""Stops that a walk may make beyond what it expects, before it is called endless."""

RUN_AXE: Final = """
async (rules) => {
  // The colours of the other scheme take a frame to come, and what slides in, a while.
  await new Promise(requestAnimationFrame);
  for (const each of document.getAnimations()) {
    if (each.effect?.getComputedTiming().iterations === Infinity) each.cancel();
    else each.finish();
  }
  await new Promise(requestAnimationFrame);
  const { violations } = await axe.run(document, {
    runOnly: rules,
    resultTypes: ["violations"],
    elementRef: false,
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`));
}
"""


class Tour:
    """Looks at one screen after the other, and remembers what was wrong with each."""

    def __init__(self, page: Page, *, thumbs: bool) -> None:
        self.page = page
        self.faults: list[str] = []
        self._thumbs = thumbs

    async def look(self, screen: str) -> None:
        """Examine what the page shows now."""
        found = await violations(self.page)
        if self._thumbs:
            found += await hard_to_tap(self.page)
        found += await hard_to_reach(self.page)
        self.faults += [f"{screen}: {each}" for each in found]

    async def dialog(self, name: str | re.Pattern[str]) -> None:
        """Examine a sheet that opens, and close it."""
        sheet = self.page.get_by_role("dialog", name=name)
        await expect(sheet).to_be_visible()
        await self.look(str(name))
        await self.page.keyboard.press("Escape")
        await expect(sheet).to_have_count(0)


async def violations(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA, in light and in dark."""
    found = []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(_text(AXE))
        found += [f"{scheme}: {each}" for each in await page.evaluate(RUN_AXE, RULES)]
    return found


async def hard_to_tap(page: Page) -> list[str]:
    """Return what can be pressed, and offers a thumb less than 44 x 44 CSS pixels."""
    await _bring_targets(page)
    small: list[str] = await page.evaluate("targets.tooSmall()")
    return [f"too small to tap: {each}" for each in small]


async def hard_to_reach(page: Page) -> list[str]:
    """Walk with Tab; return what it does not reach, and where it leads up again in a column."""
    await _bring_targets(page)
    expected: int = await page.evaluate("targets.begin()")
    for _ in range(expected + ROUND_TRIPS):
        await page.keyboard.press("Tab")
        if await page.evaluate("targets.step()"):
            break
    unreached: list[str] = await page.evaluate("targets.unreached()")
    jumps: list[str] = await page.evaluate("targets.jumps()")
    return [f"Tab does not reach: {each}" for each in unreached] + [
        f"Tab leads back: {each}" for each in jumps
    ]


async def _bring_targets(page: Page) -> None:
    if not await page.evaluate("'targets' in window"):
        await page.evaluate(_text(HERE / "targets.js"))


@cache
def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8")
