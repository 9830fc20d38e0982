"""
Session descriptions as far as WHIP and WHEP need them: an offer is read, its answer written.

Invariant: an `Offer` can be answered whole. It has at most one section a kind, all of them on one
transport (BUNDLE, RFC 9143), with the ICE and DTLS parameters of that transport; so an answer
never rejects a part of it (RFC 9725, section 4.4.3). Candidates are not read: see `live.media.ice`.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal, cast

from msgspec import Struct

from live.media.tap import Kind

Direction = Literal["sendonly", "recvonly", "sendrecv", "inactive"]
Setup = Literal["active", "passive", "actpass"]

TRANSPORT_CC: Final = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
"""The header extension by which a publisher learns how fast it may send."""

START_KBPS: Final = 2500
"""What a browser may begin with: 720p at full quality, instead of the 300 kbit/s it would grow from
for half a minute (measured: 549 kbit/s after 14 s without, 2,080 kbit/s after 1 s with)."""

PROFILES: Final = ("42e0", "4200", "4d00", "6400")
"""H.264 profiles, the one that every device decodes first (RFC 6184, section 8.1)."""

_LINE: Final = re.compile(r"[a-z]=.*")
_FRAGMENT: Final = re.compile(r"[A-Za-z0-9+/]{4,256}")
_PASSWORD: Final = re.compile(r"[A-Za-z0-9+/]{22,256}")
_TOKEN: Final = re.compile(r"[!-~]{1,64}")
_FINGERPRINT: Final = re.compile(r"([A-Za-z0-9-]+) ([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2})+)")


class SdpError(Exception):
    """An offer cannot be answered; ``str`` says why. Either malformed, or more than is served."""


class Malformed(SdpError):
    """It is no session description, or says nothing that could be answered."""


class Unacceptable(SdpError):
    """It is well formed, and asks for what is not served here."""


class Format(Struct, frozen=True):
    """One payload type: ``rtpmap``, ``fmtp`` and ``rtcp-fb`` of RFC 8866 and RFC 4585."""

    payload_type: int
    name: str
    clock_rate: int
    channels: int = 1
    fmtp: str = ""
    feedback: tuple[str, ...] = ()

    def parameter(self, name: str) -> str | None:
        """Return a parameter of ``fmtp``, in lower case; None if it is not given."""
        for part in self.fmtp.split(";"):
            key, _, value = part.strip().partition("=")
            if key.lower() == name:
                return value.strip().lower()
        return None


class Section(Struct, frozen=True):
    """One ``m=`` section; ``formats`` in the offerer's order of preference."""

    kind: Kind
    mid: str
    direction: Direction
    formats: tuple[Format, ...]
    extensions: dict[str, int]
    bundle_only: bool


class Offer(Struct, frozen=True):
    """An offer whose sections all share one transport."""

    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    setup: Setup
    sections: tuple[Section, ...]


class Chosen(Struct, frozen=True):
    """The format that an answer settles on for a section, and its retransmissions' (RFC 4588)."""

    section: Section
    format: Format
    repair: Format | None


class Transport(Struct, frozen=True):
    """Our end of the transport; ``candidates`` are addresses and ports, the best one first."""

    ufrag: str
    password: str
    fingerprint: str
    setup: Literal["active", "passive"]
    candidates: tuple[tuple[str, int], ...]


class Sent(Struct, frozen=True):
    """The streams that we send in a section: their names and SSRCs."""

    stream: str
    ssrc: int
    repair_ssrc: int


# -- Reading --------------------------------------------------------------------------------------


def read_offer(text: str) -> Offer:
    """
    Read an offer.

    Raises:
        Malformed: it is not a session description.
        Unacceptable: its media cannot be served over one transport.

    """
    session, blocks = _blocks(text)
    if not blocks:
        raise Malformed("the offer has no media section")
    sections = tuple(_section(block) for block in blocks)
    kinds = [section.kind for section in sections]
    if len(set(kinds)) != len(kinds):
        raise Unacceptable("the offer has more than one audio or more than one video section")
    mids = [section.mid for section in sections]
    if len(set(mids)) != len(mids):
        raise Malformed("two media sections have the same a=mid")
    bundled = next((value.split()[1:] for value in _all(session, "group", "BUNDLE")), mids[:1])
    if set(mids) != set(bundled):
        raise Unacceptable("the offer does not bundle its media sections (RFC 9143)")
    # The transport is described in the section that the bundle names first.
    tagged = [*blocks[mids.index(bundled[0])], *session]
    ufrag, password = _one(tagged, "ice-ufrag"), _one(tagged, "ice-pwd")
    if not _FRAGMENT.fullmatch(ufrag) or not _PASSWORD.fullmatch(password):
        raise Malformed("ice-ufrag or ice-pwd is missing or not as RFC 8839 writes them")
    fingerprints = tuple(
        (found[1].lower(), found[2].upper())
        for value in _all(tagged, "fingerprint")
        if (found := _FINGERPRINT.fullmatch(value))
    )
    if not fingerprints:
        raise Malformed("the offer has no certificate fingerprint (RFC 8122)")
    setup = _one(tagged, "setup") or "actpass"
    if setup not in ("active", "passive", "actpass"):
        raise Malformed(f"a=setup:{setup} is not known (RFC 8842)")
    return Offer(ufrag, password, fingerprints, cast(Setup, setup), sections)


def read_fragment(text: str) -> tuple[str, str]:
    """
    Return ``ice-ufrag`` and ``ice-pwd`` of an SDP fragment (RFC 8840), ``""`` where not given.

    Raises:
        Malformed: it is no SDP fragment.

    """
    lines = _lines(text)
    return _one(lines, "ice-ufrag"), _one(lines, "ice-pwd")


def _lines(text: str) -> list[str]:
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line]
    for line in lines:
        if not _LINE.fullmatch(line):
            raise Malformed(f"this is not a line of SDP: {line[:40]!r}")
    return lines


def _blocks(text: str) -> tuple[list[str], list[list[str]]]:
    """Split a description into its session part and its media sections."""
    lines = _lines(text)
    if not lines or lines[0] != "v=0":
        raise Malformed("a session description begins with v=0 (RFC 8866)")
    session: list[str] = []
    blocks: list[list[str]] = []
    for line in lines:
        if line.startswith("m="):
            blocks.append([])
        (blocks[-1] if blocks else session).append(line)
    return session, blocks


def _all(lines: Iterable[str], name: str, begins: str = "") -> list[str]:
    """Return the values of an attribute, in order."""
    prefix = f"a={name}:"
    return [line[len(prefix) :].strip() for line in lines if line.startswith(f"{prefix}{begins}")]


def _one(lines: Iterable[str], name: str) -> str:
    return next(iter(_all(lines, name)), "")


def _section(lines: list[str]) -> Section:
    words = lines[0][2:].split()
    if len(words) < 4 or not words[1].isdecimal():
        raise Malformed(f"this is not a media section: {lines[0][:60]!r}")
    kind, port, protocol, *listed = words
    if kind not in ("audio", "video"):
        raise Unacceptable(f"{kind} sections are not served, only audio and video")
    if protocol not in ("UDP/TLS/RTP/SAVPF", "TCP/TLS/RTP/SAVPF"):
        raise Unacceptable(f"media over {protocol} is not served, only over UDP/TLS/RTP/SAVPF")
    bundle_only = "a=bundle-only" in lines
    if int(port) == 0 and not bundle_only:
        raise Unacceptable(f"the {kind} section is switched off (port 0)")
    if "a=rtcp-mux" not in lines and not bundle_only:
        raise Unacceptable("RTP and RTCP must share a port: a=rtcp-mux (RFC 8858)")
    mid = _one(lines, "mid")
    if not _TOKEN.fullmatch(mid):
        raise Malformed(f"the {kind} section has no a=mid, or one that is no token (RFC 5888)")
    direction = next(
        (line[2:] for line in lines if line[2:] in _DIRECTIONS and line[0] == "a"), "sendrecv"
    )
    extensions = {}
    for value in _all(lines, "extmap"):
        number, _, uri = value.partition(" ")
        if (number := number.partition("/")[0]).isdecimal() and 1 <= int(number) <= 14:
            extensions[uri.split(" ")[0]] = int(number)
    return Section(
        kind=cast(Kind, kind),
        mid=mid,
        direction=cast(Direction, direction),
        formats=tuple(_formats(listed, lines)),
        extensions=extensions,
        bundle_only=bundle_only and int(port) == 0,
    )


_DIRECTIONS: Final = ("sendonly", "recvonly", "sendrecv", "inactive")


def _formats(listed: Sequence[str], lines: Sequence[str]) -> Iterable[Format]:
    described = {}
    for value in _all(lines, "rtpmap"):
        number, _, encoding = value.partition(" ")
        described[number] = encoding.split("/")
    for number in listed:
        name, rate, *rest = [*described.get(number, ()), "", ""][:3]
        if not number.isdecimal() or int(number) > 127 or not rate.isdecimal():
            continue
        channels = int(rest[0]) if rest and rest[0].isdecimal() else 1
        fmtp = next((v.partition(" ")[2] for v in _all(lines, "fmtp", f"{number} ")), "")
        feedback = (
            value.partition(" ")[2]
            for value in _all(lines, "rtcp-fb")
            if value.split(" ")[0] in (number, "*")
        )
        yield Format(int(number), name, int(rate), channels, fmtp, tuple(feedback))


# -- Choosing -------------------------------------------------------------------------------------


def choose(section: Section, codecs: Sequence[str], *, profile: str = "") -> Chosen:
    """
    Return the first of ``codecs`` that the section offers.

    Of several H.264 formats the one with ``profile`` wins, else the most widely decoded one.

    Raises:
        Unacceptable: it offers none of them.

    """
    for codec in codecs:
        able = [each for each in section.formats if _is(each, codec)]
        if able:
            found = min(able, key=lambda each: _rank(each, profile))
            return Chosen(section, found, _repair(section, found))
    offered = ", ".join(dict.fromkeys(each.name for each in section.formats)) or "nothing"
    raise Unacceptable(f"{section.kind} must be {' or '.join(codecs)}, and the offer has {offered}")


def _is(candidate: Format, codec: str) -> bool:
    if candidate.name.lower() != codec.lower():
        return False
    # Without fragmentation (mode 0) a keyframe does not fit into packets.
    return codec != "H264" or candidate.parameter("packetization-mode") == "1"


def profile_of(chosen: Format) -> str:
    """Return the H.264 profile, four hexadecimal digits; ``42e0`` unless it says otherwise."""
    return (chosen.parameter("profile-level-id") or "42e01f")[:4]


def _rank(candidate: Format, profile: str) -> tuple[bool, int]:
    has = profile_of(candidate)
    return has != profile, PROFILES.index(has) if has in PROFILES else len(PROFILES)


def _repair(section: Section, media: Format) -> Format | None:
    for each in section.formats:
        if each.name.lower() == "rtx" and each.parameter("apt") == str(media.payload_type):
            return each
    return None


# -- Writing --------------------------------------------------------------------------------------


def write_answer(
    chosen: Sequence[Chosen],
    transport: Transport,
    *,
    session: int,
    sent: dict[Kind, Sent] | None = None,
) -> str:
    """
    Return the answer: ``recvonly``, or ``sendonly`` with the streams in ``sent``.

    ICE and DTLS parameters are in every section: some clients look for them there although one
    transport carries all.
    """
    lines = [
        "v=0",
        f"o=- {session} 1 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        f"a=group:BUNDLE {' '.join(each.section.mid for each in chosen)}",
        "a=ice-lite",
        "a=msid-semantic:WMS *",
    ]
    for number, each in enumerate(chosen):
        formats = [each.format, *([each.repair] if each.repair else [])]
        numbers = " ".join(str(each.payload_type) for each in formats)
        port = 0 if each.section.bundle_only else 9
        lines += [
            f"m={each.section.kind} {port} UDP/TLS/RTP/SAVPF {numbers}",
            "c=IN IP4 0.0.0.0",
            "a=rtcp:9 IN IP4 0.0.0.0",
            *(["a=bundle-only"] if each.section.bundle_only else []),
            f"a=ice-ufrag:{transport.ufrag}",
            f"a=ice-pwd:{transport.password}",
            f"a=fingerprint:sha-256 {transport.fingerprint}",
            f"a=setup:{transport.setup}",
            f"a=mid:{each.section.mid}",
            f"a={'sendonly' if sent else 'recvonly'}",
            "a=rtcp-mux",
            "a=rtcp-mux-only",
            *(_received(each) if sent is None else _streams(each, sent[each.section.kind])),
        ]
        for one in formats:
            lines += _format(one, receiving=sent is None, kind=each.section.kind)
        if number == 0:
            lines += _candidates(transport.candidates)
    return "\r\n".join([*lines, ""])


def _received(chosen: Chosen) -> list[str]:
    number = chosen.section.extensions.get(TRANSPORT_CC)
    return [f"a=extmap:{number} {TRANSPORT_CC}"] if number else []


def _streams(chosen: Chosen, sent: Sent) -> list[str]:
    lines = [f"a=msid:{sent.stream} {chosen.section.kind}", f"a=ssrc:{sent.ssrc} cname:liveshop"]
    if chosen.repair:
        lines += [
            f"a=ssrc:{sent.repair_ssrc} cname:liveshop",
            f"a=ssrc-group:FID {sent.ssrc} {sent.repair_ssrc}",
        ]
    return lines


def _format(chosen: Format, *, receiving: bool, kind: Kind) -> list[str]:
    number = chosen.payload_type
    channels = f"/{chosen.channels}" if chosen.channels > 1 else ""
    fmtp = chosen.fmtp
    if receiving and kind == "video" and chosen.name.lower() != "rtx":
        fmtp = ";".join(part for part in (fmtp, f"x-google-start-bitrate={START_KBPS}") if part)
    wanted = [*(_REPAIR if kind == "video" else ()), *(("transport-cc",) if receiving else ())]
    return [
        f"a=rtpmap:{number} {chosen.name}/{chosen.clock_rate}{channels}",
        *([f"a=fmtp:{number} {fmtp}"] if fmtp else []),
        *(f"a=rtcp-fb:{number} {each}" for each in chosen.feedback if each in wanted),
    ]


_REPAIR: Final = ("nack", "nack pli", "ccm fir")


def _candidates(addresses: Sequence[tuple[str, int]]) -> list[str]:
    """Write host candidates with descending priorities (RFC 8445, section 5.1.2.1)."""
    lines = []
    for number, (address, port) in enumerate(addresses):
        priority = (126 << 24) | ((65_535 - number) << 8) | 255
        lines.append(f"a=candidate:{number + 1} 1 udp {priority} {address} {port} typ host")
    return [*lines, "a=end-of-candidates"]
