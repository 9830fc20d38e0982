"""For applications of tests in which anyone may say anything."""

from rooms.application import Identity
from rooms.moderation import Rules


class OpenFloor:
    """Half an `Application`: no rules, and nobody who follows or buys."""

    async def rules(self, room: str) -> Rules:
        """Return no rules."""
        return Rules()

    async def circles(self, room: str, identity: Identity) -> frozenset[str]:
        """Return no circles."""
        return frozenset()
