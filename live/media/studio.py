"""
What the media process serves requests with, built once by ``live.media.process``.
"""

from msgspec import Struct

from live.api.bodies import VideoStatus
from live.config import IceServer
from live.media.door import Door
from live.media.hls.channels import Channels
from live.media.metrics import MediaMetrics
from live.media.stage import Stages


class Studio(Struct, frozen=True, kw_only=True):
    """The parts of one media process."""

    door: Door
    stages: Stages
    channels: Channels
    metrics: MediaMetrics
    ice_servers: tuple[IceServer, ...]

    def status(self, show: str) -> VideoStatus:
        """Say how a show's video stands now."""
        source, packaged = self.stages.source(show), self.channels.status(show)
        tracks = source.tracks if source is not None else ()
        return VideoStatus(
            publishing=source is not None,
            codec=next((track.codec for track in tracks if track.kind == "video"), None),
            viewers=self.stages.viewers_of(show),
            packaged=packaged is not None and packaged.refused is None,
            transcoding=packaged is not None and packaged.transcoding,
            recording=packaged is not None and packaged.recording,
            not_packaged=packaged.refused if packaged is not None else None,
        )
