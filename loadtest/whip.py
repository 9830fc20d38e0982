"""
Calls over WHIP and WHEP, as any client makes them: an offer by HTTP, an answer back.
"""

from typing import Final

import httpx
from aiortc import RTCPeerConnection, RTCSessionDescription

SDP: Final = "application/sdp"


class Refused(Exception):
    """The server does not want the call; ``status`` says why, ``retry_after_s`` when to try."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(f"{response.status_code} {response.text[:200]}")
        self.status: Final = response.status_code
        self.retry_after_s: Final = float(response.headers.get("retry-after", "0"))


async def call(
    http: httpx.AsyncClient, url: str, connection: RTCPeerConnection, token: str | None = None
) -> str:
    """
    Connect ``connection`` to ``url``, and return the address of the session.

    Raises:
        Refused: the server said no.
        httpx.HTTPError: it said nothing.

    """
    await connection.setLocalDescription(await connection.createOffer())
    headers = {"content-type": SDP, **({"authorization": f"Bearer {token}"} if token else {})}
    response = await http.post(url, content=connection.localDescription.sdp, headers=headers)
    if response.status_code != httpx.codes.CREATED:
        raise Refused(response)
    await connection.setRemoteDescription(RTCSessionDescription(response.text, "answer"))
    return str(httpx.URL(url).join(response.headers["location"]))
