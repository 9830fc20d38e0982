"""
What the media process serves requests with, built once by ``live.media.process``.
"""

from msgspec import Struct

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
