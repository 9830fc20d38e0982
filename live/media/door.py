"""
Who may publish to a show, and who may watch it; the same answers whoever carries the video.
"""

import time
from typing import Literal

from commerce.errors import WrongState
from commerce.ids import ShowId
from commerce.messages import ShowView
from commerce.store import shows
from commerce.store.pool import Pool, acquire
from live.api.problems import ApiError
from live.auth import Tokens
from live.team.policy import POLICY
from live.team.stagedoor import StageDoor
from live.team.standing import authorise

Action = Literal["publish", "rehearse", "watch"]


class Door:
    """Asks for tokens and looks shows up."""

    def __init__(self, pool: Pool, tokens: Tokens) -> None:
        self._pool = pool
        self._tokens = tokens
        self._stage_door = StageDoor(pool, tokens)

    async def admit(self, action: Action, show: str, token: str | None) -> ShowView:
        """
        Let someone publish to a show or watch it, and return it; or say why not.

        Anyone may watch, and at a show that is a rehearsal the host's whole team. Publishing, and
        trying a camera (``rehearse``), is for the show's host, members of their team with
        `run_show`, and admins, until the show ended.

        Raises:
            ApiError: nobody signed in.
            NoPlace, NotPermitted: see `live.team.standing`.
            BadToken, ExpiredToken: see `live.auth`.
            NotFound: there is no such show, or it is a rehearsal and closed to them.
            NotYours: it is another host's.
            WrongState: it ended.

        """
        match action:
            case "watch":
                await self._stage_door.admit_bearer(show, token)
                return await self._show(show)
            case "publish" | "rehearse":
                return await self._host(show, token)

    async def _host(self, show: str, token: str | None) -> ShowView:
        if not token:
            raise ApiError("unauthorised", "send the host's token: `Authorization: Bearer <token>`")
        claims = self._tokens.read(token, time.time())
        async with acquire(self._pool) as connection:
            await authorise(connection, claims, POLICY["video.publish"], path={"show": show})
        found = await self._show(show)
        if found.state == "ended":
            raise WrongState("show", show, state="ended", wanted="draft or live")
        return found

    async def _show(self, show: str) -> ShowView:
        async with acquire(self._pool) as connection:
            return await shows.get(connection, ShowId(show))
