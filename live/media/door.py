"""
Who may publish to a show, and who may watch it; the same answers whoever carries the video.
"""

import time
from typing import Literal

from commerce.errors import NotYours, WrongState
from commerce.ids import ShowId
from commerce.messages import ShowView
from commerce.store import shows
from commerce.store.pool import Pool, acquire
from live.api.problems import ApiError
from live.auth import Tokens

Action = Literal["publish", "rehearse", "watch"]


class Door:
    """Asks for tokens and looks shows up."""

    def __init__(self, pool: Pool, tokens: Tokens) -> None:
        self._pool = pool
        self._tokens = tokens

    async def admit(self, action: Action, show: str, token: str | None) -> None:
        """
        Let someone publish to a show or watch it, or say why not.

        Anyone may watch. Publishing, and watching a rehearsal, is for the show's host, and for
        admins, until the show ended.

        Raises:
            ApiError: nobody signed in, or someone who does not host.
            BadToken, ExpiredToken: see `live.auth`.
            NotFound: there is no such show.
            NotYours: it is another host's.
            WrongState: it ended.

        """
        match action:
            case "watch":
                await self._show(show)
            case "publish" | "rehearse":
                await self._host(show, token)

    async def _host(self, show: str, token: str | None) -> None:
        if not token:
            raise ApiError("unauthorised", "send the host's token: `Authorization: Bearer <token>`")
        claims = self._tokens.read(token, time.time())
        if claims.role not in ("host", "admin"):
            raise ApiError("forbidden", "only the show's host and admins may do that")
        found = await self._show(show)
        if found.host != claims.sub and claims.role != "admin":
            raise NotYours("show", show)
        if found.state == "ended":
            raise WrongState("show", show, state="ended", wanted="draft or live")

    async def _show(self, show: str) -> ShowView:
        async with acquire(self._pool) as connection:
            return await shows.get(connection, ShowId(show))
