"""A show's video from its host to its viewers, between real connections on the loopback address."""

from tests.live.media.conftest import House
from tests.live.media.people import brightness, publisher, viewer


async def test_a_viewer_sees_what_the_host_publishes(house: House) -> None:
    show, token = await house.show()
    async with publisher(house.http, token, brightness=90) as host, viewer(house.http) as ann:
        assert (await host.call(f"/whip/{show}")).status_code == 201
        await host.connected()
        while (await ann.call(f"/whep/{show}")).status_code == 409:
            pass
        await ann.until(lambda: len(ann.frames) >= 5)

        assert {brightness(frame) for frame in ann.frames[:5]} <= set(range(85, 96))
        assert {packet.payload_type for packet in ann.packets} >= {96}
