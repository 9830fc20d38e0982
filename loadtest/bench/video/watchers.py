"""
Viewers over WHEP: ``python -m loadtest.bench.video.watchers URL VIEWERS LOSS``.

Four come one by one, each later than the keyframe of the one before, and look at everything; the
others only count, so that it is the server that is measured. ``begin`` begins a window, and the
next line ends it: then they say what they saw.
"""

import asyncio
import statistics
import sys
import time
from typing import Any, Final

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, rtcpeerconnection

from loadtest.bench.video.actor import cued, say
from loadtest.bench.video.receiver import Counter, Watcher
from loadtest.loopback import reach_loopback
from loadtest.whip import Refused, call

FREEZE_S: Final = 0.2
LOOKING: Final = 4
APART_S: Final = 0.6
NOT_YET: Final = 409
PATIENCE_S: Final = 15.0
AGAIN_S: Final = 0.1


async def joined(http: httpx.AsyncClient, url: str) -> tuple[float, RTCPeerConnection, Any]:
    """
    Call, as soon as somebody is on air; return when that was.

    Raises:
        TimeoutError: nobody is.

    """
    async with asyncio.timeout(PATIENCE_S):
        while True:
            connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            for kind in ("audio", "video"):
                connection.addTransceiver(kind, direction="recvonly")
            began = time.monotonic()
            try:
                await call(http, url, connection)
            except Refused as refused:
                await connection.close()
                if refused.status != NOT_YET:
                    raise
                await asyncio.sleep(AGAIN_S)
            else:
                return began, connection, connection.getReceivers()[1]


class Audience:
    """Everyone who watches."""

    def __init__(self) -> None:
        self._connections: list[RTCPeerConnection] = []
        self._looking: list[Any] = []
        self._counting: list[Counter] = []
        self._first_ms: list[float] = []
        self._began = 0.0

    async def come(self, url: str, viewers: int) -> None:
        """Watch with so many."""
        async with httpx.AsyncClient(trust_env=False) as http:
            for _ in range(min(viewers, LOOKING)):
                began, connection, receiver = await joined(http, url)
                self._connections.append(connection)
                await receiver.starts()
                self._looking.append(receiver)
                self._first_ms.append((receiver.first_keyframe_at - began) * 1000)
                await asyncio.sleep(APART_S)

            async def count() -> None:
                _, connection, receiver = await joined(http, url)
                self._connections.append(connection)
                await receiver.starts()
                self._counting.append(Counter(receiver))

            await asyncio.gather(*(count() for _ in range(viewers - len(self._looking))))

    def begin(self) -> None:
        """Begin a window."""
        for each in self._looking:
            each.begin()
        for counter in self._counting:
            counter.packets = 0
        Watcher.counting, self._began = True, time.monotonic()

    def end(self) -> dict[str, Any]:
        """End the window, and return what was seen in it."""
        seconds = time.monotonic() - self._began
        Watcher.counting = False
        latencies = sorted(each for receiver in self._looking for each in receiver.latencies_ms)
        gaps = [
            after - before
            for receiver in self._looking
            for before, after in zip(receiver.wholes, receiver.wholes[1:], strict=False)
        ]
        packets = [each.packets for each in self._counting]
        return {
            "fps": statistics.mean(len(each.wholes) for each in self._looking) / seconds,
            "p50_ms": latencies[len(latencies) // 2] if latencies else None,
            "p95_ms": latencies[len(latencies) * 95 // 100] if latencies else None,
            "packets_s": statistics.mean(packets) / seconds if packets else None,
            "starved": sum(count == 0 for count in packets),
            "lost": sum(each.lost for each in self._looking),
            "repaired": sum(each.repaired for each in self._looking),
            "freezes": sum(gap > FREEZE_S for gap in gaps),
            "longest_gap_ms": max(gaps, default=seconds) * 1000,
        }

    @property
    def first_ms(self) -> list[float]:
        """What passed between each offer and the first packet of a keyframe."""
        return self._first_ms

    async def leave(self) -> None:
        """Hang up."""
        await asyncio.gather(*(each.close() for each in self._connections))


async def main(url: str, viewers: int, loss: float) -> None:
    """Watch for as long as the input lasts."""
    patched: Any = rtcpeerconnection
    patched.RTCRtpReceiver = Watcher
    audience = Audience()
    await audience.come(url, viewers)
    say(first_ms=audience.first_ms)
    Watcher.loss = loss
    while (word := await cued()) is not None:
        if word == "begin":
            audience.begin()
            say(counting=True)
        else:
            say(**audience.end())
    await audience.leave()


if __name__ == "__main__":
    reach_loopback(sys.argv[1])
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3])))
