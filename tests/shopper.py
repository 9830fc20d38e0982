"""
Someone who tries for one unit after another, as fast as the server lets them.
"""

import asyncio
import itertools

import httpx

from liveshop_client import Api, Rejected, connect


class Shopper:
    """
    Tries until told that it is over; ``tried`` is set by each answer.

    ``took`` is when each answer came, on the loop's clock, and after how many seconds.
    """

    def __init__(self, tried: asyncio.Event) -> None:
        self._tried = tried
        self.answers: list[str] = []
        self.took: list[tuple[float, float]] = []
        self.gaps = 0
        self.reconnects = 0

    async def shop(
        self,
        url: str,
        show: str,
        offers: list[str],
        over: asyncio.Event,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Shop in a show, however often the server restarts."""
        clock = asyncio.get_running_loop().time
        async with Api(url, transport=transport) as api:
            await api.guest("Lin")
            async with connect(url, show, token=api.token) as room:
                for offer in itertools.cycle(offers):
                    began = clock()
                    try:
                        answer = await room.reserve(offer)
                    except Rejected as refusal:
                        if refusal.code != "rate_limited":
                            raise
                        await asyncio.sleep((refusal.retry_after_ms or 0) / 1000)
                    else:
                        self.answers.append(str(answer.get("reason", answer["type"])))
                        self.took.append((clock(), clock() - began))
                        self._tried.set()
                    if over.is_set():
                        break
                self.gaps, self.reconnects = room.gaps, room.reconnects
