"""Recordings: what was sent is kept, whatever happens to the process or the disk."""

import asyncio
import os
import signal
import sys
import time
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from live.media.hls.channels import GONE_S, open_channels
from live.media.hls.segmenter import Opened
from live.media.recording import tape as tape_module
from live.media.recording.library import Recording, path_of, purge, recordings
from live.media.recording.recorder import open_recorder
from live.media.recording.reel import abandoned, cut_back, open_reel
from live.media.recording.remux import NotRemuxed, mend, remux
from live.media.recording.tape import Tape
from tests.live.media.footage import H264_TRACK, h264, pictures, sound, together, tone, video
from tests.live.media.host import Host
from tests.live.media.packaging import WALL_MS, boxes, packaged, parts, runs, seen
from tests.waiting import until

SHOW = "tea-time"
FRAGMENT_MS = 367


def reel_of(folder: Path, file: bytes) -> Path:
    """Leave a reel that nobody writes."""
    reel = open_reel(folder / SHOW, WALL_MS, file)
    reel.close()
    return reel.path


async def test_a_show_is_recorded_and_plays_with_its_index_in_front(tmp_path: Path) -> None:
    on_air = {SHOW: Host()}
    async with (
        open_recorder(tmp_path, days=1) as recorder,
        open_channels(on_air.get, recorder) as channels,
    ):
        channels.changed(SHOW)
        status = channels.status(SHOW)
        on_air[SHOW].send(together(h264(150), sound(tone(250))))
    [recording] = recordings(tmp_path, SHOW)
    file = (tmp_path / SHOW / recording.file).read_bytes()
    watched = seen(file)

    assert status is not None
    assert status.recording
    assert recording.duration_ms == 5000
    assert [kind for kind, _body in boxes(file)][:2] == ["ftyp", "moov"]
    assert len(watched.pictures) == 150
    assert watched.sounds[-1][0] == pytest.approx(4.95, abs=0.05)
    assert list((tmp_path / SHOW).iterdir()) == [tmp_path / SHOW / recording.file]


def has_passed(moment_ms: int) -> bool:
    return time.time_ns() // 1_000_000 > moment_ms


async def test_a_publisher_that_came_back_continues_the_same_replay(tmp_path: Path) -> None:
    on_air: dict[str, Host] = {}
    async with (
        open_recorder(tmp_path, days=1) as recorder,
        open_channels(on_air.get, recorder) as channels,
    ):
        for turn in range(2):
            on_air[SHOW] = Host(H264_TRACK)
            channels.changed(SHOW)
            on_air[SHOW].send(h264(60 + 30 * turn))
            on_air.pop(SHOW).leave()
            channels.changed(SHOW)
            # Two recordings do not begin in the same millisecond.
            await until(partial(has_passed, time.time_ns() // 1_000_000))
        channels.look_after(asyncio.get_running_loop().time() + GONE_S + 1)

    first, second = recordings(tmp_path, SHOW)
    assert (first.duration_ms, second.duration_ms) == (2000, 3000)
    assert first.started_at < second.started_at


async def test_new_parameters_begin_a_new_file(tmp_path: Path) -> None:
    small = h264(60)
    large = tuple(payloads for _key, payloads in pictures(60, width=640, height=480))
    grown = video(
        large,
        sequence=small[-1].packet.sequence_number + 1,
        timestamp=small[0].packet.timestamp + 60 * 3000,
        begins_ms=2000,
    )
    async with open_recorder(tmp_path, days=36_500) as recorder:
        tape = recorder.tape(SHOW)
        for cut in packaged(small + grown, H264_TRACK):
            tape.put(cut)
        tape.end()
    files = [(tmp_path / SHOW / each.file).read_bytes() for each in recordings(tmp_path, SHOW)]

    assert [seen(file).size for file in files] == [(320, 240), (640, 480)]
    begun = [each.started_at - WALL_MS for each in recordings(tmp_path, SHOW)]
    assert begun == pytest.approx([0, 2000], abs=1)


WRITER = """
import asyncio, sys
from pathlib import Path
from live.media.recording.recorder import open_recorder
from tests.live.media.footage import h264, sound, together, tone
from tests.live.media.packaging import packaged, parts
from tests.waiting import until

async def write():
    folder = Path(sys.argv[1])
    async with open_recorder(folder, days=36500) as recorder:
        tape = recorder.tape("tea-time")
        sizes = 0
        for cut in packaged(together(h264(150), sound(tone(250)))):
            tape.put(cut)
            sizes += len(getattr(cut, "data", None) or cut.init)
            if parts([cut]):
                await until(lambda: sum(r.stat().st_size for r in folder.glob("*/*.reel")) >= sizes)
            print("written", flush=True)
        await asyncio.Event().wait()

asyncio.run(write())
"""


async def test_a_killed_process_loses_nothing_that_was_written(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WRITER,
        str(tmp_path),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        for _ in range(8):  # the initialisation segment, and seven fragments
            assert await process.stdout.readline() == b"written\n"
        assert mend(tmp_path) == []  # somebody writes it
        process.send_signal(signal.SIGKILL)
        await process.wait()

    mend(tmp_path)
    [recording] = recordings(tmp_path, SHOW)
    watched = seen((tmp_path / SHOW / recording.file).read_bytes())

    assert recording.started_at == WALL_MS
    assert recording.duration_ms >= 6 * FRAGMENT_MS
    assert len(watched.pictures) >= 6 * 11
    assert list((tmp_path / SHOW).glob("*.reel")) == []


CUTS = packaged(together(h264(60), sound(tone(100))))
[FILE] = runs(CUTS)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(torn=st.integers(0, len(FILE)))
def test_a_torn_fragment_is_cut_off_and_the_ones_before_stay(tmp_path: Path, torn: int) -> None:
    opened, *made = CUTS
    assert isinstance(opened, Opened)
    ends = [len(opened.init)]
    for part in parts(made):
        ends.append(ends[-1] + len(part.data))
    path = reel_of(tmp_path / str(torn), FILE[:torn])
    cut_back(path)
    kept = path.stat().st_size
    path.unlink()

    assert kept == max([0, *(end for end in ends if end <= torn)])


def test_a_reel_without_a_picture_is_no_recording_and_stays(tmp_path: Path) -> None:
    for content in (b"", b"nothing that anyone can play", FILE[:800]):
        path = reel_of(tmp_path, content)
        with pytest.raises(NotRemuxed):
            remux(path)
        assert path.exists()
        assert mend(tmp_path) == []
        assert recordings(tmp_path, SHOW) == []
        path.unlink()


def test_a_process_killed_between_the_last_two_steps_leaves_one_recording(tmp_path: Path) -> None:
    remux(reel_of(tmp_path, FILE))
    reel_of(tmp_path, FILE)

    assert mend(tmp_path) == []
    assert recordings(tmp_path, SHOW) == [
        Recording(f"{WALL_MS}-2000.mp4", started_at=WALL_MS, duration_ms=2000)
    ]
    assert list((tmp_path / SHOW).glob("*.reel")) == []


def test_a_reel_is_abandoned_when_its_writer_is_gone(tmp_path: Path) -> None:
    reel = open_reel(tmp_path, WALL_MS, FILE)
    assert not abandoned(reel.path)
    reel.close()
    assert abandoned(reel.path)


async def test_a_disk_that_is_too_slow_costs_fragments_and_never_a_broken_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tape_module, "QUEUE", 3)
    tape = Tape(tmp_path / SHOW)
    cuts = packaged(h264(150), H264_TRACK)
    for cut in cuts[:11]:
        tape.put(cut)
    # The disk wakes up in the middle of the second segment.
    writing = asyncio.create_task(tape.run())
    init, *first = cuts[:4]
    assert isinstance(init, Opened)
    wanted = len(init.init) + sum(len(part.data) for part in parts(first))
    await until(lambda: sum(reel.stat().st_size for reel in tape.folder.glob("*.reel")) == wanted)
    for cut in cuts[11:]:
        tape.put(cut)
        await asyncio.sleep(0)
    tape.end()
    await writing
    [recording] = recordings(tmp_path, SHOW)
    watched = seen((tmp_path / SHOW / recording.file).read_bytes())

    # Three fragments, then nothing until the keyframe at four seconds.
    assert [round(b - a, 2) for a, b in pairwise(watched.pictures) if b - a > 0.04] == [2.93]
    assert watched.pictures[-1] == pytest.approx(4.97, abs=0.01)


async def test_a_full_disk_ends_no_show(tmp_path: Path) -> None:
    (tmp_path / SHOW).write_text("a file where the folder should be")
    on_air = {SHOW: Host(H264_TRACK)}
    async with (
        open_recorder(tmp_path, days=1) as recorder,
        open_channels(on_air.get, recorder) as channels,
    ):
        channels.changed(SHOW)
        on_air[SHOW].send(h264(150))
        channel = channels.watch(SHOW)
        assert channel is not None
        assert len(channel.shelf.listed) == 3


def test_only_recordings_are_recordings(tmp_path: Path) -> None:
    recording = remux(reel_of(tmp_path, FILE))
    (tmp_path / SHOW / "notes.mp4").write_text("no recording")
    (tmp_path / "secret.mp4").write_text("no recording")

    assert path_of(tmp_path, SHOW, recording.name) == recording
    for show, file in (
        (SHOW, "notes.mp4"),
        (SHOW, "../secret.mp4"),
        ("..", recording.name),
        (SHOW, f"../{SHOW}/{recording.name}"),
        ("other", recording.name),
    ):
        assert path_of(tmp_path, show, file) is None
    assert recordings(tmp_path, "../" + SHOW) == []


def test_recordings_go_when_they_are_old_enough(tmp_path: Path) -> None:
    remux(reel_of(tmp_path, FILE))  # of the year 2027, which is a day from now for this test

    assert purge(tmp_path, days=1) == 0
    assert len(recordings(tmp_path, SHOW)) == 1
    (tmp_path / SHOW / f"{WALL_MS}-2000.mp4").rename(tmp_path / SHOW / "1700000000000-2000.mp4")
    assert purge(tmp_path, days=1) == 1
    assert recordings(tmp_path, SHOW) == []
