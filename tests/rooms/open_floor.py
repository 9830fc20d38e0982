"""For applications of tests in which anyone may say anything."""

from rooms.application import Identity
from rooms.moderation import Rules


class OpenFloor:
    """Half an `Application`: no rules, and nobody who follows or buys; nothing is noticed."""

    async def rules(self, room: str) -> Rules:
        """Return no rules."""
        return Rules()

    async def circles(self, room: str, identity: Identity) -> frozenset[str]:
        """Return no circles."""
        return frozenset()

    def notice(self, room: str, key: str, value: bytes) -> None:
        """Do nothing."""
