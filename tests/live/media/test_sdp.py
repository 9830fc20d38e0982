"""Offers read, and answers written."""

import re

import pytest

from live.media.sdp import (
    Format,
    Malformed,
    Sent,
    Transport,
    Unacceptable,
    choose,
    read_fragment,
    read_offer,
    write_answer,
)
from tests.live.media.offers import CHROMIUM_VIDEO, OBS, RFC_9725

OURS = Transport("us", "secret", "AA:BB", "passive", (("192.0.2.1", 8189), ("2001:db8::1", 8189)))


def answer(text: str, **sent: Sent) -> list[str]:
    offer = read_offer(text)
    chosen = [choose(each, ("H264", "VP8", "opus")) for each in offer.sections]
    written = write_answer(chosen, OURS, session=7, sent=sent or None)  # type: ignore[arg-type]
    assert written.endswith("\r\n")
    return written.splitlines()


def test_the_example_of_the_rfc_is_read_whole() -> None:
    offer = read_offer(RFC_9725)

    assert (offer.ufrag, offer.password) == ("EsAw", "bP+XJMM09aR8AiX1jdukzR6Y")
    assert offer.setup == "actpass"
    assert [name for name, _ in offer.fingerprints] == ["sha-256"]
    audio, video = offer.sections
    assert (audio.kind, audio.mid, audio.bundle_only) == ("audio", "0", False)
    assert audio.formats == (Format(111, "opus", 48_000, 2, "minptime=10;useinbandfec=1"),)
    assert (video.kind, video.mid, video.bundle_only) == ("video", "1", True)
    assert video.formats[0].feedback == ("ccm fir", "nack", "nack pli")


def test_the_example_of_the_rfc_is_answered_as_the_rfc_does() -> None:
    lines = answer(RFC_9725)

    assert lines[0] == "v=0"
    assert "a=group:BUNDLE 0 1" in lines
    assert "a=ice-lite" in lines
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 111" in lines
    assert "m=video 0 UDP/TLS/RTP/SAVPF 96 97" in lines
    assert lines.count("a=bundle-only") == 1
    assert lines.count("a=recvonly") == lines.count("a=rtcp-mux-only") == 2
    assert lines.count("a=setup:passive") == 2
    assert [line for line in lines if line.startswith("a=candidate")] == [
        "a=candidate:1 1 udp 2130706431 192.0.2.1 8189 typ host",
        "a=candidate:2 1 udp 2130706175 2001:db8::1 8189 typ host",
    ]


def test_h264_that_every_device_decodes_wins_and_starts_at_full_bitrate() -> None:
    lines = answer(CHROMIUM_VIDEO)

    assert "m=video 9 UDP/TLS/RTP/SAVPF 106 107" in lines
    assert (
        "a=fmtp:106 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f;"
        "x-google-start-bitrate=2500" in lines
    )
    assert "a=fmtp:107 apt=106" in lines
    feedback = [line for line in lines if line.startswith("a=rtcp-fb")]
    assert feedback == [
        "a=rtcp-fb:106 transport-cc",
        "a=rtcp-fb:106 ccm fir",
        "a=rtcp-fb:106 nack",
        "a=rtcp-fb:106 nack pli",
    ]
    assert [line for line in lines if line.startswith("a=extmap")] == [
        "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
    ]


def test_an_offer_of_obs_names_its_transport_once_and_is_answered_section_by_section() -> None:
    offer = read_offer(OBS)
    lines = answer(OBS)

    assert (offer.ufrag, offer.setup) == ("EsAw", "actpass")
    assert "m=audio 9 UDP/TLS/RTP/SAVPF 111" in lines
    assert "m=video 9 UDP/TLS/RTP/SAVPF 96" in lines
    assert lines.count("a=setup:passive") == lines.count("a=ice-ufrag:us") == 2
    assert [line for line in lines if line.startswith("a=rtcp-fb")] == [
        "a=rtcp-fb:96 nack",
        "a=rtcp-fb:96 nack pli",
    ]


def test_a_viewer_gets_the_profile_that_is_published() -> None:
    [section] = read_offer(CHROMIUM_VIDEO).sections

    assert choose(section, ("H264",), profile="4200").format.payload_type == 102
    assert choose(section, ("H264",), profile="6400").format.payload_type == 106
    assert choose(section, ("VP8",)).format.payload_type == 96


def test_streams_that_are_sent_are_named_and_tell_no_bitrate() -> None:
    lines = answer(CHROMIUM_VIDEO.replace("sendonly", "recvonly"), video=Sent("tea", 11, 12))

    assert "a=sendonly" in lines
    assert "a=msid:tea video" in lines
    assert "a=ssrc-group:FID 11 12" in lines
    assert not any("x-google" in line or "transport-wide" in line for line in lines)


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ("v=0\r\n", ""),
        ("s=-", "nonsense"),
        ("m=audio 9", "m=audio"),
        ("a=ice-pwd:bP+XJMM09aR8AiX1jdukzR6Y", "a=ice-pwd:short"),
        ("a=fingerprint", "a=thumbprint"),
        ("a=setup:actpass", "a=setup:later"),
        ("a=mid:1", "a=mid:0"),
        ("a=mid:0\r\n", ""),
    ],
)
def test_what_is_no_session_description_is_malformed(found: str, instead: str) -> None:
    assert found in RFC_9725
    with pytest.raises(Malformed):
        read_offer(RFC_9725.replace(found, instead, 1))


@pytest.mark.parametrize("text", ["", "\x00\xff", "v=0", "{}", "v=0\nm=video 9 x y\n" * 2])
def test_what_is_no_offer_is_refused(text: str) -> None:
    with pytest.raises((Malformed, Unacceptable)):
        read_offer(text)


@pytest.mark.parametrize(
    ("found", "instead", "says"),
    [
        ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0", "bundle"),
        ("m=video 0", "m=application 9", "application"),
        ("m=video 0", "m=audio 9", "more than one"),
        ("UDP/TLS/RTP/SAVPF 96", "RTP/AVP 96", "RTP/AVP"),
        ("a=rtcp-mux\r\n", "", "rtcp-mux"),
        ("a=bundle-only\r\n", "", "port 0"),
    ],
)
def test_what_is_not_served_is_refused_with_a_reason(found: str, instead: str, says: str) -> None:
    assert found in RFC_9725
    with pytest.raises(Unacceptable, match=re.escape(says)):
        read_offer(RFC_9725.replace(found, instead, 1))


def test_a_codec_that_cannot_be_forwarded_is_refused_by_name() -> None:
    offer = read_offer(RFC_9725.replace("VP8/90000", "AV1/90000"))

    with pytest.raises(Unacceptable, match="video must be H264 or VP8, and the offer has AV1, rtx"):
        choose(offer.sections[1], ("H264", "VP8"))


def test_a_fragment_gives_its_credentials() -> None:
    assert read_fragment("a=ice-ufrag:ab\r\na=ice-pwd:cd\r\n") == ("ab", "cd")
    assert read_fragment("a=end-of-candidates\r\n") == ("", "")
    with pytest.raises(Malformed):
        read_fragment("nonsense")
