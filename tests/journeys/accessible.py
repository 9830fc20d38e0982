"""
What is wrong with a screen for who cannot see it, hold a mouse or aim: for any page, in any state.

Invariant: nothing on the page is pressed; Tab moves the focus, that is all.
"""

from functools import cache
from pathlib import Path
from typing import Final, Literal

from playwright.async_api import Page

HERE: Final = Path(__file__).parent

AXE: Final = HERE.parents[1] / "clients/node_modules/axe-core/axe.min.js"
"""Installed with the web clients' build, and never part of what it builds."""

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]

SCHEMES: Final[tuple[Literal["light"], Literal["dark"]]] = ("light", "dark")

ROUND_TRIPS: Final = 5
"""Stops that a walk may make beyond what it expects, before it is called endless."""

RUN_AXE: Final = """
async (rules) => {
  await Promise.allSettled(document.getAnimations().map((each) => {
    if (each.effect?.getComputedTiming().iterations === Infinity) return each.cancel();
    return each.finish();
  }));
  const { violations } = await axe.run(document, {
    runOnly: rules,
    resultTypes: ["violations"],
    elementRef: false,
  });
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`));
}
"""


async def violations(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 A and AA, in light and in dark."""
    found = []
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(_text(AXE))
        for each in await page.evaluate(RUN_AXE, RULES):
            found.append(f"{scheme}: {each}")
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
