"""The rules of RFC 8216bis that a playlist, and each playlist after another, must follow."""

import re
from math import floor

from msgspec import Struct

ROUNDING = 0.001
"""Durations are written with three to five digits."""


class Listed(Struct):
    """A segment as a playlist has it; ``uri`` is None while it is not complete."""

    number: int
    uri: str | None = None
    duration_s: float = 0.0
    map: str | None = None
    discontinuity: bool = False
    date: str | None = None
    parts: list[tuple[str, float, bool]] = []


class Read(Struct):
    """A playlist, read."""

    target_s: int
    part_target_s: float
    hold_back_s: float
    sequence: int
    breaks: int
    segments: list[Listed]
    hint: str | None
    ended: bool


def attributes(line: str) -> dict[str, str]:
    pairs = re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)', line.partition(":")[2])
    return {name: value.strip('"') for name, value in pairs}


def read(text: str) -> Read:
    """Return what a playlist says; a line that no rule knows is an error."""
    lines = text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert text.endswith("\n")
    found = Read(0, 0.0, 0.0, 0, 0, [], None, False)
    segment = Listed(0)
    current_map: str | None = None
    duration: float | None = None
    for line in lines[1:]:
        assert not found.ended, "nothing comes after EXT-X-ENDLIST"
        name, _, value = line.partition(":")
        match name:
            case "#EXT-X-VERSION":
                assert int(value) >= 9
            case "#EXT-X-TARGETDURATION":
                found.target_s = int(value)
            case "#EXT-X-SERVER-CONTROL":
                said = attributes(line)
                assert said["CAN-BLOCK-RELOAD"] == "YES"
                found.hold_back_s = float(said["PART-HOLD-BACK"])
            case "#EXT-X-PART-INF":
                found.part_target_s = float(attributes(line)["PART-TARGET"])
            case "#EXT-X-MEDIA-SEQUENCE":
                found.sequence = int(value)
                segment = Listed(found.sequence)
            case "#EXT-X-DISCONTINUITY-SEQUENCE":
                found.breaks = int(value)
            case "#EXT-X-DISCONTINUITY":
                segment.discontinuity = True
            case "#EXT-X-MAP":
                current_map = attributes(line)["URI"]
            case "#EXT-X-PROGRAM-DATE-TIME":
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value)
                segment.date = value
            case "#EXT-X-PART":
                said = attributes(line)
                independent = said.get("INDEPENDENT") == "YES"
                segment.parts.append((said["URI"], float(said["DURATION"]), independent))
                segment.map = current_map
            case "#EXTINF":
                duration = float(value.rstrip(","))
            case "#EXT-X-PRELOAD-HINT":
                said = attributes(line)
                assert said["TYPE"] == "PART"
                found.hint = said["URI"]
            case "#EXT-X-ENDLIST":
                found.ended = True
            case _:
                assert not line.startswith("#"), line
                assert duration is not None, "EXTINF comes before each segment"
                segment.uri, segment.duration_s, segment.map = line, duration, current_map
                found.segments.append(segment)
                segment, duration = Listed(segment.number + 1), None
    if segment.parts:
        found.segments.append(segment)
    return found


def follows_the_rules(text: str, before: Read | None = None) -> Read:
    """Read a playlist; it follows the rules, also as the one after ``before``."""
    now = read(text)
    # 4.4.3.8: at least twice the part target, and should be three times.
    assert now.hold_back_s >= 3 * now.part_target_s - ROUNDING
    for segment in now.segments:
        assert segment.map is not None, "a fragment needs its initialisation segment"
        assert segment.date is not None
        # 4.4.3.1: rounded to the nearest whole number, no more than the target.
        assert floor(segment.duration_s + 0.5) <= now.target_s
        for number, (_uri, duration_s, independent) in enumerate(segment.parts):
            # 4.4.4.9: no more than the target; 85 % of it, save the last and independent ones.
            assert duration_s <= now.part_target_s + ROUNDING
            last = number == len(segment.parts) - 1
            assert last or independent or duration_s >= 0.85 * now.part_target_s
        if segment.uri and segment.parts:
            assert abs(sum(each[1] for each in segment.parts) - segment.duration_s) < ROUNDING
    # 6.2.2: parts of what is within three target durations of the end.
    behind_s = 0.0
    for segment in reversed(now.segments):
        behind_s += segment.duration_s if segment.uri else sum(p[1] for p in segment.parts)
        assert bool(segment.parts) or behind_s > 3 * now.target_s
    # 4.4.5.3: the hint is what comes next.
    newest = now.segments[-1]
    following = (newest.number + 1, 0) if newest.uri else (newest.number, len(newest.parts))
    assert now.hint == (None if now.ended else "part-{}.{}.m4s".format(*following))
    assert not now.ended or newest.uri is not None
    if before is not None:
        _goes_on(before, now)
    return now


def _goes_on(before: Read, now: Read) -> None:
    """6.2.1: only appended, removed in order, and completed; 6.2.2: the numbers say by how much."""
    assert not before.ended
    assert now.target_s == before.target_s
    assert now.part_target_s == before.part_target_s
    removed = now.sequence - before.sequence
    assert 0 <= removed <= len(before.segments)
    gone = before.segments[:removed]
    assert now.breaks == before.breaks + sum(segment.discontinuity for segment in gone)
    for old, new in zip(before.segments[removed:], now.segments, strict=False):
        assert old.number == new.number
        assert old.discontinuity == new.discontinuity
        assert (old.map, old.date) == (new.map, new.date)
        assert old.uri in (None, new.uri)
        if new.parts:
            assert new.parts[: len(old.parts)] == old.parts
    if removed:
        # 6.2.2: nothing may be removed that leaves less than three target durations.
        assert sum(segment.duration_s for segment in now.segments) >= 3 * now.target_s
