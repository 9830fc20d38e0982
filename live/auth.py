"""
Who is asking: signed tokens, hashed passwords, and how often someone may try.

A token says who its bearer is until it expires; nobody looks it up. Invariant: no answer tells
whether an e-mail address has an account, neither in words nor in time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, Final, Literal, TypeVar

import argon2
import jwt
import msgspec
from msgspec import Struct

from rooms.limits import TokenBucket

ALGORITHM: Final = "HS256"

CONCURRENT_HASHES: Final = 2
"""Argon2 takes 64 MiB and some 50 ms of a core each; more at once would starve the rooms."""

WAITING_HASHES: Final = 64
"""About two seconds of work; whoever comes later is told to come back."""

TRIES_A_MINUTE: Final = 10
ADDRESSES_REMEMBERED: Final = 10_000
"""Least recently seen addresses are forgotten first: 2 MiB at most."""

RESERVATIONS_A_SECOND: Final = 10
RESERVATIONS_AT_ONCE: Final = 30
"""A person who hammers the button taps eight times a second; a script is slowed to as much."""

ACCOUNTS_REMEMBERED: Final = 10_000
"""2 MiB at most. A bucket is full again in 3 s, and is then no different from a forgotten one."""

Role = Literal["viewer", "host", "admin"]
T = TypeVar("T")


class AuthError(Exception):
    """
    The asker is not who they should be; ``str`` says why.

    ::

        AuthError
        ├── BadToken         not signed by us, or not a token at all
        ├── ExpiredToken     signed by us, too long ago
        ├── WrongCredentials no such e-mail address, or not its password
        ├── TooManyTries     see ``retry_after_s``
        └── Busy             too many passwords are being checked; see ``retry_after_s``
    """

    code: ClassVar[str]


class BadToken(AuthError):
    """The token is not one of ours."""

    code = "bad_token"

    def __str__(self) -> str:
        return "the token is not valid here; sign in again"


class ExpiredToken(AuthError):
    """The token was good once."""

    code = "expired_token"

    def __str__(self) -> str:
        return "the token has expired; sign in again"


class WrongCredentials(AuthError):
    """Which of the two is wrong is not said."""

    code = "wrong_credentials"

    def __str__(self) -> str:
        return "the e-mail address or the password is wrong"


class TooManyTries(AuthError):
    """The address has to wait."""

    code = "too_many_tries"

    def __init__(self, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s

    def __str__(self) -> str:
        return f"too many tries from this address; wait {self.retry_after_s:.0f} seconds"


class Busy(AuthError):
    """The server has enough passwords to check."""

    code = "unavailable"
    retry_after_s: Final = 2.0

    def __str__(self) -> str:
        return "too many people are signing in; try again in a moment"


class Claims(Struct, frozen=True):
    """What a token says: ``sub`` is the account, ``exp`` Unix seconds."""

    sub: str
    name: str
    role: Role
    exp: int


class Tokens:
    """Issue and read tokens; ``now`` is Unix seconds."""

    def __init__(self, secret: bytes, *, hours: int) -> None:
        self._secret = secret
        self._lifetime_s = hours * 3600

    def issue(self, *, account: str, name: str, role: Role, now: float) -> tuple[str, Claims]:
        """Return a token and what it says."""
        claims = Claims(sub=account, name=name, role=role, exp=int(now) + self._lifetime_s)
        return jwt.encode(msgspec.to_builtins(claims), self._secret, ALGORITHM), claims

    def read(self, token: str, now: float) -> Claims:
        """
        Return what ``token`` says.

        Raises:
            BadToken: we did not sign it, or it does not say what a token must.
            ExpiredToken: we did, but its time is over.

        """
        try:
            # The expiry is checked below, against `now`.
            said: Any = jwt.decode(
                token,
                self._secret,
                [ALGORITHM],
                options={"verify_exp": False, "verify_iat": False, "verify_nbf": False},
            )
            claims = msgspec.convert(said, Claims)
        except (jwt.InvalidTokenError, msgspec.ValidationError, ValueError):
            raise BadToken from None
        if claims.exp <= now:
            raise ExpiredToken
        return claims


class Passwords:
    """
    Hash and check passwords with Argon2id, off the event loop and a few at a time.

    Checking without a hash takes as long as checking a wrong password.
    """

    def __init__(self) -> None:
        self._hasher = argon2.PasswordHasher()
        self._running = asyncio.Semaphore(CONCURRENT_HASHES)
        self._waiting = 0
        self._nobody: str | None = None

    async def hash(self, password: str) -> str:
        """
        Return the hash to store.

        Raises:
            Busy: too many are waiting.

        """
        return await self._run(partial(self._hasher.hash, password))

    async def check(self, password: str, stored: str | None) -> bool:
        """
        Say whether ``password`` belongs to ``stored``; to no stored hash none does.

        Raises:
            Busy: too many are waiting.

        """
        if self._nobody is None:
            self._nobody = await self.hash("nobody has this password")
        matches = await self._run(partial(self._matches, stored or self._nobody, password))
        return matches and stored is not None

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= WAITING_HASHES:
            raise Busy
        self._waiting += 1
        try:
            async with self._running:
                return await asyncio.to_thread(work)
        finally:
            self._waiting -= 1


class Buckets:
    """A token bucket for each of the keys seen last; ``now`` in seconds, monotonic."""

    def __init__(self, rate: float, burst: float, *, remembered: int) -> None:
        self._rate = rate
        self._burst = burst
        self._remembered = remembered
        self._buckets: OrderedDict[str, TokenBucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._buckets)

    def take(self, key: str, now: float) -> float:
        """Take a token of ``key`` and return 0, or take nothing and return the seconds to wait."""
        bucket = self._buckets.pop(key, None)
        if bucket is None:
            bucket = TokenBucket(self._rate, self._burst, now)
        self._buckets[key] = bucket
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        return bucket.take(now)


class Tries:
    """How often an address may try to sign in, and an account to reserve; see `Buckets`."""

    def __init__(self) -> None:
        self._addresses = Buckets(
            TRIES_A_MINUTE / 60, TRIES_A_MINUTE, remembered=ADDRESSES_REMEMBERED
        )
        self._accounts = Buckets(
            RESERVATIONS_A_SECOND, RESERVATIONS_AT_ONCE, remembered=ACCOUNTS_REMEMBERED
        )

    def take(self, address: str, now: float) -> None:
        """
        Count one try to sign in.

        Raises:
            TooManyTries: it was one too many, and was not counted.

        """
        if wait := self._addresses.take(address, now):
            raise TooManyTries(wait)

    def reserve(self, account: str, now: float) -> float:
        """Count one try to reserve and return 0, or return the seconds to wait."""
        return self._accounts.take(account, now)
