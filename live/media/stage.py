"""
The stages of this process: on each one publisher at most, and its viewers.

A show has two: what everyone sees, and its rehearsal, which the host sees alone.

Invariant: viewers outlive a publisher by `LINGER_S`. One who comes back within that time, or takes
over, is seen by them at once and without a new connection; only those who cannot decode the new
one's codec are sent away to ask again.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

import structlog
from aiortc import RTCCertificate
from msgspec import Struct

from live.media.forwarding import Feed
from live.media.ice import Port
from live.media.metrics import MediaMetrics
from live.media.peer import Peer
from live.media.publisher import Publisher
from live.media.sdp import Chosen, Offer, Section, Unacceptable, choose, write_answer
from live.media.tap import Kind
from live.media.viewer import Viewer

LINGER_S: Final = 20.0
"""A publisher's page that was reloaded is back in five seconds, one on a train in fifteen."""

VIDEO: Final = ("H264", "VP8")
"""H264 first: it goes into MP4 and HLS as it is, and phones decode it in hardware."""

AUDIO: Final = ("opus",)

COUNT_EVERY_S: Final = 1.0

log = structlog.get_logger()


class Answered(Struct, frozen=True):
    """A session began: its secret name, and our answer to its offer."""

    id: str
    sdp: str


class AlreadyPublishing(Struct, frozen=True):
    """Somebody publishes to the show, and was not to be replaced."""


class NotOnAir(Struct, frozen=True):
    """Nobody publishes to the show."""


class Full(Struct, frozen=True):
    """There are as many viewers as this process may have."""


class Place(Struct, frozen=True):
    """
    Where somebody publishes and others watch: a show, or its rehearsal.

    A rehearsal is on air for nobody: the room does not hear of it, and it is neither packaged nor
    recorded. Who may watch it is for the door to decide.
    """

    show: str
    rehearsal: bool = False


class Stage:
    """The publisher and the viewers of one place."""

    def __init__(self, place: Place) -> None:
        self.place: Final = place
        self.feeds: Final[dict[Kind, Feed]] = {"video": Feed("video"), "audio": Feed("audio")}
        self.publisher: Publisher | None = None
        # Whether what is published is for everybody: packaged, and recorded.
        self.public = False
        self.viewers: Final[set[Viewer]] = set()
        self._dismissal: asyncio.TimerHandle | None = None

    @property
    def live(self) -> bool:
        """Whether packets come in."""
        return self.publisher is not None and self.publisher.live

    def request_keyframe(self) -> None:
        """Ask whoever publishes for a keyframe."""
        if self.publisher is not None:
            self.publisher.request_keyframe()

    def enter(self, publisher: Publisher) -> None:
        """Let a publisher on, in place of any other."""
        self._keep_viewers()
        before, self.publisher = self.publisher, publisher
        if before is not None:
            before.end()
            before.peer.close()
        codecs = {track.kind: track.codec.lower() for track in publisher.tracks}
        for viewer in self.viewers:
            if any(codecs.get(kind, codec) != codec for kind, codec in viewer.codecs.items()):
                viewer.peer.close()

    def leave(self, publisher: Publisher) -> None:
        """Let a publisher go; nothing happens if another one has taken over."""
        publisher.end()
        if self.publisher is publisher:
            self.publisher = None
            self._keep_viewers()
            self._dismissal = asyncio.get_running_loop().call_later(LINGER_S, self.dismiss)

    def dismiss(self) -> None:
        """Send everyone away."""
        self._keep_viewers()
        for viewer in self.viewers:
            viewer.peer.close()

    def _keep_viewers(self) -> None:
        if self._dismissal is not None:
            self._dismissal.cancel()
            self._dismissal = None


class Stages:
    """Every stage of this process; made by `open_stages`."""

    def __init__(
        self,
        port: Port,
        metrics: MediaMetrics,
        changed: Callable[[str], None],
        *,
        viewers_most: int,
        silent_s: float,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self._port = port
        self._metrics = metrics
        self._changed = changed
        self._viewers_most = viewers_most
        self._silent_s = silent_s
        self._tasks = tasks
        # One for all: making a key takes a millisecond, and a fingerprint names us, not them.
        self._certificate = RTCCertificate.generateCertificate()
        self._stages: dict[Place, Stage] = {}
        self._publishers: dict[str, tuple[Stage, Publisher]] = {}
        self._viewers: dict[str, tuple[Stage, Viewer]] = {}

    def __len__(self) -> int:
        """How many viewers there are."""
        return len(self._viewers)

    @property
    def live(self) -> frozenset[str]:
        """The shows that somebody publishes to."""
        return frozenset(
            place.show
            for place, stage in self._stages.items()
            if stage.live and not place.rehearsal
        )

    def source(self, show: str) -> Publisher | None:
        """Return who publishes to a show, to listen to; None if nobody does."""
        stage = self._stages.get(Place(show))
        return stage.publisher if stage is not None and stage.live else None

    def public_source(self, show: str) -> Publisher | None:
        """Return who publishes to a show for everybody to see; None if nobody does."""
        stage = self._stages.get(Place(show))
        return self.source(show) if stage is not None and stage.public else None

    def viewers_of(self, show: str) -> int:
        """How many watch a show, its rehearsal left out."""
        stage = self._stages.get(Place(show))
        return len(stage.viewers) if stage is not None else 0

    def publish(
        self, place: Place, offer: Offer, *, takeover: bool, public: bool = True
    ) -> Answered | AlreadyPublishing:
        """
        Begin to publish to a show, or to rehearse it.

        What is not ``public`` is forwarded to those whom the door lets in, and to nobody else: it
        is neither packaged nor recorded.

        Raises:
            Unacceptable: the offer has nothing that can be forwarded.

        """
        stage = self._stages.get(place)
        if stage is not None and stage.publisher is not None and not takeover:
            return AlreadyPublishing()
        for section in offer.sections:
            _demand(section, ("sendonly", "sendrecv"), "publishes")
        chosen = [choose(each, VIDEO if each.kind == "video" else AUDIO) for each in offer.sections]
        stage = self._stages.setdefault(place, Stage(place))
        stage.public = public
        peer = Peer(self._port, self._certificate, offer, silent_s=self._silent_s)
        publisher = Publisher(peer, chosen, stage.feeds, lambda: self._changed(place.show))
        peer.media = publisher
        id = secrets.token_urlsafe(16)
        self._publishers[id] = (stage, publisher)
        stage.enter(publisher)
        self._tasks.create_task(self._run_publisher(id, stage, publisher))
        return Answered(id, self._answer(peer, chosen, None))

    def watch(self, place: Place, offer: Offer) -> Answered | NotOnAir | Full:
        """
        Begin to watch a show, or its rehearsal.

        Raises:
            Unacceptable: the offer cannot be sent what is published.

        """
        stage = self._stages.get(place)
        if stage is None or stage.publisher is None or not stage.publisher.live:
            return NotOnAir()
        if len(self._viewers) >= self._viewers_most:
            return Full()
        for section in offer.sections:
            _demand(section, ("recvonly", "sendrecv"), "watches")
        chosen = [_matching(each, stage.publisher) for each in offer.sections]
        peer = Peer(self._port, self._certificate, offer, silent_s=self._silent_s)
        viewer = Viewer(peer, chosen, stage.feeds, stage.request_keyframe)
        peer.media = viewer
        id = secrets.token_urlsafe(16)
        self._viewers[id] = (stage, viewer)
        stage.viewers.add(viewer)
        self._tasks.create_task(self._run_viewer(id, stage, viewer))
        return Answered(id, self._answer(peer, chosen, viewer))

    def peer(self, side: str, show: str, id: str) -> Peer | None:
        """Return the connection of a session; None if it is over."""
        sessions = self._publishers if side == "whip" else self._viewers
        stage, end = sessions.get(id, (None, None))
        if stage is None or end is None or stage.place.show != show:
            return None
        return end.peer

    def close(self, show: str) -> None:
        """End a show's video and its rehearsal: for who publishes and for everyone who watches."""
        for stage in list(self._stages.values()):
            if stage.place.show == show:
                if stage.publisher is not None:
                    stage.publisher.peer.close()
                stage.dismiss()

    def close_all(self) -> None:
        """End everybody's video."""
        for show in {place.show for place in self._stages}:
            self.close(show)

    def _answer(self, peer: Peer, chosen: list[Chosen], viewer: Viewer | None) -> str:
        session = secrets.randbits(62)
        sent = viewer.sent if viewer is not None else None
        return write_answer(chosen, peer.transport, session=session, sent=sent)

    async def _run_publisher(self, id: str, stage: Stage, publisher: Publisher) -> None:
        self._metrics.publishers.inc()
        telling = self._tasks.create_task(publisher.tell())
        try:
            await self._run("whip", stage, publisher.peer)
        finally:
            telling.cancel()
            del self._publishers[id]
            stage.leave(publisher)
            self._metrics.publishers.dec()
            self._changed(stage.place.show)
            self._forget(stage)

    async def _run_viewer(self, id: str, stage: Stage, viewer: Viewer) -> None:
        self._metrics.viewers.inc()
        try:
            await self._run("whep", stage, viewer.peer)
        finally:
            viewer.end()
            del self._viewers[id]
            stage.viewers.discard(viewer)
            self._metrics.viewers.dec()
            self._metrics.repaired.inc(viewer.repaired)
            self._forget(stage)

    async def _run(self, side: str, stage: Stage, peer: Peer) -> None:
        try:
            reason = await peer.run()
        except Exception:
            # One client's connection must not end everybody's.
            log.exception("media_session_failed", side=side, show=stage.place.show)
            self._metrics.ended.labels(side, "error").inc()
        else:
            log.info("media_session_ended", side=side, show=stage.place.show, reason=reason)
            self._metrics.ended.labels(side, reason).inc()

    def _forget(self, stage: Stage) -> None:
        if stage.publisher is None and not stage.viewers:
            self._stages.pop(stage.place, None)

    async def count(self) -> None:
        """Keep the counters of packets current, until cancelled."""
        counted: dict[tuple[Place, Kind], int] = {}
        while True:
            await asyncio.sleep(COUNT_EVERY_S)
            now = {
                (place, kind): feed.forwarded
                for place, stage in self._stages.items()
                for kind, feed in stage.feeds.items()
            }
            for key, forwarded in now.items():
                more = forwarded - counted.get(key, 0)
                # A stage that was forgotten and came back counts from zero.
                self._metrics.forwarded.labels(key[1]).inc(more if more >= 0 else forwarded)
            counted = now


def _demand(section: Section, directions: tuple[str, ...], does: str) -> None:
    if section.direction not in directions:
        raise Unacceptable(
            f"the {section.kind} section is {section.direction}; who {does} offers "
            f"{' or '.join(directions)}"
        )


def _matching(section: Section, publisher: Publisher) -> Chosen:
    """Choose what is published; where nothing of the kind is, what would be."""
    for track in publisher.tracks:
        if track.kind == section.kind:
            return choose(section, (track.codec,), profile=publisher.profile)
    return choose(section, VIDEO if section.kind == "video" else AUDIO)


@asynccontextmanager
async def open_stages(
    port: Port,
    metrics: MediaMetrics,
    changed: Callable[[str], None],
    *,
    viewers_most: int,
    silent_s: float,
) -> AsyncIterator[Stages]:
    """
    Serve stages for as long as the block lasts; then say goodbye to everyone.

    ``changed`` is called with a show's id whenever its video may have come or gone.
    """
    async with asyncio.TaskGroup() as tasks:
        stages = Stages(
            port,
            metrics,
            changed,
            viewers_most=viewers_most,
            silent_s=silent_s,
            tasks=tasks,
        )
        counting = tasks.create_task(stages.count())
        try:
            yield stages
        finally:
            counting.cancel()
            stages.close_all()
