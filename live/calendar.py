"""
A planned show as a calendar entry: iCalendar (RFC 5545), one event in UTC with one alarm.

Invariant: lines are at most 75 octets and end in CRLF (3.1), no character is cut in two, and no
text can begin a line of its own.
"""

from datetime import UTC, datetime
from typing import Final

from commerce.planning import Plan

LINE_OCTETS: Final = 75
"""RFC 5545, 3.1, without the line break."""

LASTS: Final = "PT1H"
"""Nobody plans an end; an hour keeps the evening free."""

ALARM: Final = "-PT10M"
"""Long enough to find the link, short enough not to forget again."""


def entry(plan: Plan, url: str) -> bytes:
    """Return the file; the entry's UID stays the same for as long as the show does (3.8.4.7)."""
    about = f"{plan.host_name}: {plan.title}\n{url}"
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//liveshop//liveshop//EN",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        f"UID:{plan.show}.{plan.created_at}@liveshop",
        f"DTSTAMP:{_utc(plan.changed_at)}",
        f"LAST-MODIFIED:{_utc(plan.changed_at)}",
        f"SEQUENCE:{plan.revision}",
        f"DTSTART:{_utc(plan.starts_at)}",
        f"DURATION:{LASTS}",
        f"SUMMARY:{_text(plan.title)}",
        f"DESCRIPTION:{_text(about)}",
        f"URL:{url}",
        "STATUS:CONFIRMED",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"TRIGGER:{ALARM}",
        f"DESCRIPTION:{_text(plan.title)}",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return b"".join(_folded(line) for line in lines)


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at // 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """Escape a text (3.3.11); control characters, which it may not have, become spaces."""
    escaped = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    unified = escaped.replace("\r\n", "\n").replace("\r", "\n")
    printable = "".join(
        each if each in "\n\t" or not _is_control(each) else " " for each in unified
    )
    return printable.replace("\n", "\\n")


def _is_control(character: str) -> bool:
    return character < " " or character == "\x7f"


def _folded(line: str) -> bytes:
    """Return a line as it is sent: what does not fit goes on after a space, on the next one."""
    folded: list[bytes] = []
    piece = bytearray()
    for character in line:
        octets = character.encode()
        if len(piece) + len(octets) > LINE_OCTETS:
            folded.append(bytes(piece))
            piece = bytearray(b" ")
        piece += octets
    return b"\r\n".join([*folded, bytes(piece)]) + b"\r\n"
