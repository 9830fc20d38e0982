"""
The stage door: who comes to a rehearsal.

Its host does, and whoever may do something in the host's shop or in this very show. For everybody
else it does not exist: they hear of it, and of every offer in it, what they would hear of an id
that nobody ever had. Every way to a show that is open to all leads through here: the HTTP
interface (`live.api.endpoint`), the rooms (`live.dispatch`) and the video (`live.media.door`);
what is only for a shop's team, `live.team.standing` hides in the same words.
"""

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Final, Literal, get_args

from commerce.errors import NotFound
from commerce.store.pool import Pool, acquire
from live.auth import AuthError, Claims, Tokens
from live.remembered import Remembered
from live.team import store
from live.team.standing import held_by

Kind = Literal["show", "offer"]
"""What is asked for by its id at doors that are open to all."""

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)

REMEMBERED: Final = 20_000
"""Shows and offers that are known to be no rehearsal's, which stays so: some 4 MiB at most."""


class StageDoor:
    """Knows by heart what everybody may see, and asks about the rest each time."""

    def __init__(self, pool: Pool, tokens: Tokens) -> None:
        self._pool = pool
        self._tokens = tokens
        self._public: Remembered[tuple[Kind, str], bool] = Remembered(REMEMBERED)

    async def admit(self, kind: Kind, id: str, who: Claims | None) -> None:
        """
        Let someone on to a show or an offer; whether there is any is not for this to say.

        Raises:
            NotFound: it is a rehearsal, or in one, and closed to them.

        """
        if self._public.get((kind, id)):
            return
        async with acquire(self._pool) as connection:
            stage = await store.stage_of(connection, kind, id)
            if stage is None:
                return
            if not stage.rehearsal:
                self._public.put((kind, id), True)
            elif who is None or not await held_by(connection, who, stage.host, show=stage.show):
                raise NotFound(kind, id)

    async def admit_all(self, path: Mapping[str, str], who: Claims | None) -> None:
        """Let someone on to all that a path names. Raises as `admit`."""
        for kind in KINDS:
            if kind in path:
                await self.admit(kind, path[kind], who)

    async def admit_bearer(self, show: str, token: str | None) -> None:
        """Let whoever brings a token on to a show; a bad one is none. Raises as `admit`."""
        if self._public.get(("show", show)):
            return
        who = None
        if token:
            with suppress(AuthError):
                who = self._tokens.read(token, time.time())
        await self.admit("show", show, who)
