"""
Decisions of moderators, told to the rooms.

As everything that is relayed, each is told as it is now, and may be told twice.
"""

from typing import Literal, assert_never

from commerce.ids import ShowId
from commerce.store.pool import Connection
from live.moderation import store
from live.wire import ControlEvent, encode
from rooms.brokers import Broker, Line
from rooms.messages import ChatCleared, ChatMode, ChatRemoved, CommentPinned, CommentUnpinned
from rooms.removal import Removal
from rooms.rulebook import RULES

Topic = Literal["rules", "chat_mode", "comment", "line", "lines", "said"]


async def relay(
    connection: Connection, broker: Broker, topic: Topic, show: ShowId, subject: str
) -> None:
    """
    Tell the room of ``show`` what is decided.

    Raises:
        BrokerUnavailable: it may not have heard.

    """
    match topic:
        case "rules":
            await broker.signal(show, RULES)
        case "chat_mode":
            settings = (await store.state(connection, show)).settings
            mode = ChatMode(slow_s=settings.slow_s, audience=settings.audience)
            await _publish(broker, show, mode)
        case "comment":
            pinned = (await store.state(connection, show)).pinned
            event = CommentUnpinned() if pinned is None else CommentPinned(line=pinned)
            await _publish(broker, show, event)
        case "line":
            # Kept no longer before anyone hears so: who joins in between is not given it again.
            await broker.forget(show, Removal(line=subject))
            await _publish(broker, show, ChatRemoved(id=subject))
        case "lines":
            await broker.forget(show, Removal(sender=subject))
            await _publish(broker, show, ChatCleared(sender=subject))
        case "said":
            if (line := await store.said(connection, int(subject))) is not None:
                await broker.say(show, Line(line.sender.id, encode(line), always=True))
        case _:
            assert_never(topic)


async def _publish(broker: Broker, show: ShowId, event: ControlEvent) -> None:
    await broker.publish(show, encode(event))
