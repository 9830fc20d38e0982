"""
What a viewer over WHEP costs and how late the picture is, beside aiortc's own relay.

The same publisher before both: 720p30 H264 at 2.6 Mbit/s with Opus. What the server spends on
receiving is part of what a viewer costs.
"""

import asyncio
from dataclasses import dataclass
from statistics import median
from typing import Any, Final

from loadtest.bench.process import SERVER_CORE, cpu_s
from loadtest.bench.report import Aim, Figure, Series
from loadtest.bench.scale import Scale
from loadtest.bench.shop import Shop
from loadtest.bench.video.actor import Actor, open_actor
from loadtest.bench.video.studio import filming, open_studio

VIEWERS: Final = 40
FEW: Final = 8
"""Of a quick run."""

LOSS: Final = 0.05
RELAY: Final = "aiortc's relay, 1 viewer"
FREEZE_MS: Final = 200.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A window: what a viewer cost, in % of a core, and what the viewers saw."""

    cpu: float
    saw: dict[str, Any]


async def forwarding(scale: Scale, shop: Shop) -> list[Figure]:
    """Measure many viewers, one who loses packets, and the relay."""
    viewers = VIEWERS if scale.full else FEW
    async with open_studio(shop) as studio, filming(studio.publish_url, studio.token):
        async with open_actor("video.watchers", studio.watch_url, viewers, 0.0) as watchers:
            first_ms: list[float] = (await watchers.hear())["first_ms"]
            many = await _windows(scale, watchers, studio.pid, viewers)
        async with open_actor("video.watchers", studio.watch_url, 1, LOSS) as unlucky:
            await unlucky.hear()
            lossy = await _windows(scale, unlucky, studio.pid, 1)
    relayed = await _relay(scale)
    broken = []
    if starved := max(each.saw["starved"] for each in many):
        broken.append(f"{starved} of {viewers} viewers were sent nothing")
    if not all(each.saw["lost"] and each.saw["repaired"] for each in lossy):
        broken.append("nothing was lost, or nothing was repaired: loss was not measured")
    rate = "720p30 H264 at 2.6 Mbit/s"
    return [
        Figure(
            title=f"CPU a viewer over WHEP, {viewers} viewers, {rate}",
            unit="% of a core",
            ours=Series("liveshop", tuple(each.cpu for each in many)),
            beside=(Series(RELAY, tuple(each.cpu for each in relayed)),),
            aim=Aim(1.2),
            full=scale.full,
            notes=(
                f"{_middle(many, 'packets_s'):.0f} packets/s reached a viewer, "
                f"{_middle(many, 'fps'):.1f} pictures/s were whole; the relay's viewer got "
                f"{_middle(relayed, 'fps'):.1f}",
            ),
            broken=tuple(broken),
        ),
        *(
            Figure(
                title=f"from publisher to viewer, {viewers} viewers, {name}",
                unit="ms",
                ours=Series("liveshop", tuple(each.saw[f"{name}_ms"] for each in many)),
                aim=Aim(limit),
                full=scale.full,
                notes=notes,
            )
            for name, limit, notes in (
                ("p50", 5.0, ("both ends share a core, and their work is in it",)),
                ("p95", 25.0, ()),
            )
        ),
        Figure(
            title="first packet of a keyframe after the viewer's offer",
            unit="ms",
            ours=Series("liveshop", tuple(first_ms)),
            aim=Aim(500.0),
            full=scale.full,
        ),
        Figure(
            title=f"longest time without a picture, {LOSS:.0%} of the viewer's packets lost",
            unit="ms",
            ours=Series("liveshop", tuple(each.saw["longest_gap_ms"] for each in lossy)),
            aim=Aim(FREEZE_MS),
            full=scale.full,
            notes=(
                f"{sum(each.saw['lost'] for each in lossy):,} packets lost, "
                f"{sum(each.saw['repaired'] for each in lossy):,} sent again; "
                f"{sum(each.saw['freezes'] for each in lossy)} freezes over {FREEZE_MS:.0f} ms",
            ),
        ),
    ]


async def _relay(scale: Scale) -> list[Seen]:
    async with open_actor("peers.relay", core=SERVER_CORE) as server:
        url = f"http://127.0.0.1:{(await server.hear())['port']}"
        async with (
            filming(f"{url}/whip/bench", ""),
            open_actor("video.watchers", f"{url}/whep/bench", 1, 0.0) as watcher,
        ):
            await watcher.hear()
            return await _windows(scale, watcher, server.pid, 1)


async def _windows(scale: Scale, watchers: Actor, pid: int, viewers: int) -> list[Seen]:
    return [await _window(scale.seconds, watchers, pid, viewers) for _ in range(scale.runs)]


async def _window(seconds: float, watchers: Actor, pid: int, viewers: int) -> Seen:
    loop = asyncio.get_running_loop()
    await watchers.cue("begin")
    began, used = loop.time(), cpu_s(pid)
    await asyncio.sleep(seconds)
    share = (cpu_s(pid) - used) / (loop.time() - began)
    return Seen(100 * share / viewers, await watchers.cue("end"))


def _middle(windows: list[Seen], name: str) -> float:
    return median(each.saw[name] or 0.0 for each in windows)
