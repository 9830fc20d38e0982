"""
A host's camera: ``python -m loadtest.camera --url URL --show ID --host-email ADDRESS``.

It publishes a talking test picture over WHIP, like any host. It never takes a show over: where
somebody else publishes it waits, and when they have gone, or the server is back, it goes on air.
"""

import argparse
import asyncio
import fractions
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from random import Random
from typing import Any, Final
from urllib.parse import urljoin

import av
import httpx
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender

from liveshop_client import Api, LiveshopError
from loadtest.crowd import PASSWORD_VARIABLE
from loadtest.host import Account
from loadtest.loopback import reach_loopback
from loadtest.parent import parent_gone
from loadtest.picture import HEIGHT, WIDTH, paint
from loadtest.speech import CHUNK, RATE, Speech
from loadtest.whip import Refused, call

FPS: Final = 20
BITRATE: Final = 700_000
"""Flat colours need no more."""

KEYFRAME_S: Final = 10
"""A viewer who joins asks for one; this is for whoever does not."""

CLOCK: Final = 90_000
AWAY_S: Final = 2.0
"""Between two tries to go on air."""


class Stage:
    """The moment from which picture and sound count, and the speech that moves the mouth."""

    def __init__(self) -> None:
        self.speech = Speech(Random(7))
        self.began = time.monotonic()
        self.day_s = time.time() - time.timezone

    def at(self, elapsed_s: float) -> tuple[float, float]:
        """Return the time of day and how loud it is."""
        return (self.day_s + elapsed_s) % 86_400, self.speech.loudness(int(elapsed_s * 50))

    async def until(self, elapsed_s: float) -> None:
        """Wait until so much time has passed."""
        await asyncio.sleep(max(0.0, self.began + elapsed_s - time.monotonic()))


class Picture(MediaStreamTrack):
    """Encoded pictures, so that the encoder is the cheapest there is."""

    kind = "video"

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._number = 0
        self._keyframe_wanted = True
        self._encoder: Any = av.CodecContext.create("libx264", "w")
        self._encoder.width, self._encoder.height = WIDTH, HEIGHT
        self._encoder.pix_fmt = "yuv420p"
        self._encoder.bit_rate = BITRATE
        self._encoder.framerate = fractions.Fraction(FPS, 1)
        self._encoder.time_base = fractions.Fraction(1, CLOCK)
        self._encoder.gop_size = FPS * KEYFRAME_S
        self._encoder.profile = "Baseline"
        self._encoder.options = {"preset": "ultrafast", "tune": "zerolatency", "level": "31"}

    def want_keyframe(self) -> None:
        """Begin the next picture anew: somebody joined."""
        self._keyframe_wanted = True

    async def recv(self) -> Any:
        """Return the next picture when its time has come."""
        elapsed_s = self._number / FPS
        await self._stage.until(elapsed_s)
        frame = av.VideoFrame(WIDTH, HEIGHT, "yuv420p")
        for plane, painted in zip(frame.planes, paint(*self._stage.at(elapsed_s)), strict=True):
            plane.update(bytes(painted))
        frame.pts, frame.time_base = self._number * CLOCK // FPS, self._encoder.time_base
        if self._keyframe_wanted:
            self._keyframe_wanted = False
            frame.pict_type = av.video.frame.PictureType.I
        self._number += 1
        return self._encoder.encode(frame)[0]


class Sound(MediaStreamTrack):
    """The voice."""

    kind = "audio"

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._number = 0

    async def recv(self) -> av.AudioFrame:
        """Return the next 20 ms when their time has come."""
        await self._stage.until(self._number * CHUNK / RATE)
        frame = av.AudioFrame("s16", "mono", CHUNK)
        frame.planes[0].update(self._stage.speech.chunk(self._number))
        frame.sample_rate = RATE
        frame.pts, frame.time_base = self._number * CHUNK, fractions.Fraction(1, RATE)
        self._number += 1
        return frame


class Camera:
    """Publishes to a show, again and again, until cancelled."""

    def __init__(self, url: str, show: str, account: Account) -> None:
        self._url = url
        self._show = show
        self._account = account

    async def run(self) -> None:
        """Be on air whenever nobody else is."""
        while True:
            try:
                await self._on_air()
                say("off air")
            except (LiveshopError, Refused, httpx.HTTPError, OSError) as error:
                say(f"not on air: {error}")
            await asyncio.sleep(AWAY_S)

    async def _on_air(self) -> None:
        async with Api(self._url) as api, httpx.AsyncClient() as http:
            await api.login(self._account.email, self._account.password)
            video = (await api.show(self._show)).get("video", {})
            if "publish" not in video:
                say("this shop has no video")
                return
            stage = Stage()
            connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
            ended = asyncio.Event()

            @connection.on("connectionstatechange")
            def look() -> None:
                if connection.connectionState in ("failed", "closed"):
                    ended.set()

            picture = Picture(stage)
            for track in (Sound(stage), picture):
                sender = connection.addTrack(track)
                if track.kind == "video":
                    # aiortc hears of a viewer who joins and, with pictures encoded elsewhere,
                    # tells nobody.
                    sender._send_keyframe = picture.want_keyframe  # type: ignore[method-assign]
            _prefer_h264(connection)
            try:
                session = await call(
                    http, urljoin(self._url, video["publish"]), connection, api.token
                )
                say("on air")
                try:
                    await ended.wait()
                finally:
                    with suppress(httpx.HTTPError):
                        await http.delete(session)
            finally:
                await connection.close()


def _prefer_h264(connection: RTCPeerConnection) -> None:
    for each in connection.getTransceivers():
        each.direction = "sendonly"
        if each.kind == "video":
            able = RTCRtpSender.getCapabilities("video").codecs
            each.setCodecPreferences([c for c in able if c.name in ("H264", "rtx")])


def say(line: str) -> None:
    """Write a line of the log."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


async def until_told(camera: Camera) -> None:
    """Run the camera until a signal, or the end of the parent."""
    loop = asyncio.get_running_loop()
    running = asyncio.create_task(camera.run())
    watch = asyncio.create_task(parent_gone())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, running.cancel)
    await asyncio.wait([running, watch], return_when=asyncio.FIRST_COMPLETED)
    for task in (running, watch):
        task.cancel()
    await asyncio.gather(running, watch, return_exceptions=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m loadtest.camera", description="A host.")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the shop")
    parser.add_argument("--show", default="demo", help="the show's id")
    parser.add_argument("--host-email", required=True, help="the host's account")
    parser.add_argument("--host-password-env", default=PASSWORD_VARIABLE, metavar="NAME")
    options = parser.parse_args(arguments)
    password = os.environ.get(options.host_password_env)
    if not password:
        parser.error(f"{options.host_password_env} is not set: the host cannot sign in")
    reach_loopback(options.url)
    account = Account(options.host_email, password)
    asyncio.run(until_told(Camera(options.url, options.show, account)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
