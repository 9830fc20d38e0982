"""Opus from RTP (RFC 7587): every packet is whole, and none needs the one before it."""

from aiortc.rtp import RtpPacket

from live.media.hls.units import Unit


class Opus:
    """An `Assembler`."""

    awaits_key = False

    def lost(self) -> None:
        """Go on: what is missing will be silence."""

    def push(self, packet: RtpPacket) -> list[Unit]:
        """Return the packet as a unit."""
        return [Unit(packet.timestamp, True, (packet.payload,))] if packet.payload else []
