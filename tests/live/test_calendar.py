from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st
from icalendar import Calendar

from commerce.planning import Plan
from live.calendar import entry

NOW = 1_760_000_000_000
URL = "https://live.example.com/live/tea"


def plan(title: str = "Tea time", *, revision: int = 0, starts_at: int = NOW) -> Plan:
    return Plan(
        show="tea",
        title=title,
        host_name="Mei",
        created_at=NOW - 86_400_000,
        changed_at=NOW - 3_600_000,
        revision=revision,
        starts_at=starts_at,
    )


def event(file: bytes) -> Any:
    """Return the only event; what it holds depends on its names, which no type says."""
    (found,) = Calendar.from_ical(file).walk("VEVENT")
    return found


def test_a_calendar_reads_the_show_its_time_in_utc_and_one_alarm() -> None:
    found = event(entry(plan(revision=3), URL))
    (alarm,) = found.walk("VALARM")

    assert found["SUMMARY"] == "Tea time"
    assert found["DTSTART"].dt == datetime(2025, 10, 9, 8, 53, 20, tzinfo=UTC)
    assert found["DURATION"].dt == timedelta(hours=1)
    assert found["DTSTAMP"].dt == datetime(2025, 10, 9, 7, 53, 20, tzinfo=UTC)
    assert found["SEQUENCE"] == 3
    assert found["URL"] == URL
    assert found["DESCRIPTION"] == f"Mei: Tea time\n{URL}"
    assert (alarm["ACTION"], alarm["TRIGGER"].dt) == ("DISPLAY", timedelta(minutes=-10))


def test_a_moved_show_is_the_same_entry() -> None:
    first, moved = plan(), plan("Later", revision=1, starts_at=NOW + 60_000)

    assert event(entry(first, URL))["UID"] == event(entry(moved, URL))["UID"]
    assert event(entry(first, URL))["UID"] == "tea.1759913600000@liveshop"


@pytest.mark.parametrize(
    "title",
    [
        "Mugs, bowls; plates \\ and more",
        "Two\nlines, and a third\nline",
        "BEGIN:VEVENT\nSUMMARY:Something else",
        "中秋特卖，茶具与杯子：每件都有惊喜" * 6,
        "🫖" * 60,
    ],
)
def test_a_title_arrives_as_it_was_written(title: str) -> None:
    found = event(entry(plan(title), URL))

    assert found["SUMMARY"] == title
    assert found.walk("VALARM")[0]["DESCRIPTION"] == title


def test_a_text_is_escaped_as_the_rfc_has_it() -> None:
    # Libraries forgive a bare comma, calendars may not.
    file = entry(plan("Mugs, bowls; plates \\ and\nmore\x07"), URL)

    assert b"\r\nSUMMARY:Mugs\\, bowls\\; plates \\\\ and\\nmore \r\n" in file


@given(st.text(max_size=120))
def test_lines_are_short_and_no_character_is_cut(title: str) -> None:
    title = title.encode(errors="replace").decode()
    file = entry(plan(title), URL)
    lines = file.split(b"\r\n")

    assert lines.pop() == b""
    assert max(map(len, lines)) <= 75
    assert b"\n" not in b"".join(lines)
    for line in lines:
        line.decode()
    assert sum(line.startswith(b"BEGIN:VEVENT") for line in lines) == 1
