"""What a publisher is told about its packets."""

from struct import unpack

from live.media.feedback import ASK_AGAIN_S, ASKS, MISSING_MOST, Arrivals, Gaps


def read(report: bytes | None) -> tuple[int, list[int | None]]:
    """Return the base number and each packet's arrival in microseconds, None for a missing one."""
    assert report is not None
    first, kind, length, _, _ = unpack("!BBHLL", report[:12])
    assert (first & 0xDF, kind) == (0x80 | 15, 205)
    assert len(report) == 4 * (length + 1)
    body = report[12 : -report[-1]] if first & 0x20 else report[12:]
    base, count = unpack("!HH", body[:4])
    at = int.from_bytes(body[4:7], "big") * 64_000
    chunks = -(-count // 7)
    symbols = []
    for number in range(chunks):
        [chunk] = unpack("!H", body[8 + 2 * number : 10 + 2 * number])
        assert chunk >> 14 == 0b11
        symbols += [chunk >> (12 - 2 * place) & 3 for place in range(7)]
    deltas = body[8 + 2 * chunks :]
    arrivals: list[int | None] = []
    for symbol in symbols[:count]:
        if symbol == 0:
            arrivals.append(None)
            continue
        size = symbol
        [delta] = unpack("!B" if size == 1 else "!h", deltas[:size])
        deltas = deltas[size:]
        at += delta * 250
        arrivals.append(at)
    assert deltas == b""
    return base, arrivals


def test_a_report_tells_when_each_packet_came_and_which_did_not() -> None:
    arrivals = Arrivals()
    for number, at_us in ((65_534, 128_000), (65_535, 129_000), (1, 131_500), (2, 300_000)):
        arrivals.add(number, at_us)

    assert read(arrivals.report(1, 2)) == (65_534, [128_000, 129_000, None, 131_500, 300_000])
    assert arrivals.report(1, 2) is None


def test_a_packet_that_overtook_another_is_told_as_it_came() -> None:
    arrivals = Arrivals()
    for number, at_us in ((10, 64_000), (12, 66_000), (11, 67_000)):
        arrivals.add(number, at_us)

    assert read(arrivals.report(1, 2)) == (10, [64_000, 67_000, 66_000])


def test_reports_follow_each_other_without_a_hole() -> None:
    arrivals = Arrivals()
    arrivals.add(5, 64_000)
    arrivals.report(1, 2)
    arrivals.add(8, 70_000)
    arrivals.add(5, 71_000)

    assert read(arrivals.report(1, 2)) == (6, [None, None, 70_000])


def test_a_leap_in_the_numbers_begins_anew() -> None:
    arrivals = Arrivals()
    arrivals.add(5, 64_000)
    arrivals.add(20_000, 128_000)

    assert read(arrivals.report(1, 2)) == (20_000, [128_000])


def test_what_is_missing_is_asked_for_at_once_then_again_then_given_up() -> None:
    gaps = Gaps()

    assert gaps.add(65_534, 0.0) == []
    assert gaps.add(1, 0.0) == [65_535, 0]
    assert gaps.due(ASK_AGAIN_S / 2) == ([], False)
    assert gaps.add(0, ASK_AGAIN_S / 2) == []
    for ask in range(1, ASKS):
        assert gaps.due(ask * 1.01 * ASK_AGAIN_S) == ([65_535], False)
    assert gaps.due(ASKS * 1.01 * ASK_AGAIN_S) == ([], True)
    assert gaps.due((ASKS + 1) * ASK_AGAIN_S) == ([], False)


def test_a_late_packet_is_no_gap() -> None:
    gaps = Gaps()
    gaps.add(10, 0.0)

    assert gaps.add(9, 0.0) == []
    assert gaps.add(11, 0.0) == []


def test_no_more_is_missed_than_can_be_asked_for() -> None:
    gaps = Gaps()
    gaps.add(0, 0.0)

    assert len(gaps.add(20_000, 0.0)) == MISSING_MOST
    assert len(gaps.due(1.0)[0]) == MISSING_MOST
