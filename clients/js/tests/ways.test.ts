import { expect, test } from "vitest";
import { type Choice, firstChoice, nextChoice, SILENT_MS } from "../src/ways.ts";

const BOTH = { whep: "/whep/tea", hls: "/hls/tea/index.m3u8" };
const T = 1_000_000;

function ticks(state: Choice, from: number, to: number): Choice {
  let now = state;
  for (let at = from; at <= to; at += 500) now = nextChoice(now, { type: "tick" }, at);
  return now;
}

test("WHEP comes first, and HLS where there is nothing else", () => {
  expect(firstChoice(BOTH, T).way).toBe("whep");
  expect(firstChoice({ hls: BOTH.hls }, T).way).toBe("hls");
  expect(firstChoice({}, T).way).toBeNull();
});

test("WHEP that is full sends to HLS, and is tried again no sooner than the server says", () => {
  const full = nextChoice(
    firstChoice(BOTH, T),
    { type: "failed", way: "whep", retry_after_ms: 90_000 },
    T + 50,
  );
  expect(full).toMatchObject({ way: "hls", playing: false, probing: false });
  const playing = nextChoice(full, { type: "media", way: "hls" }, T + 1_000);
  expect(ticks(playing, T + 1_000, T + 90_000).probing).toBe(false);
  expect(ticks(playing, T + 1_000, T + 90_500)).toMatchObject({ way: "hls", probing: true });
});

test("WHEP that brings no picture for four seconds is blocked", () => {
  const quiet = ticks(firstChoice(BOTH, T), T, T + SILENT_MS - 1);
  expect(quiet.way).toBe("whep");
  expect(nextChoice(quiet, { type: "tick" }, T + SILENT_MS).way).toBe("hls");
});

test("a picture that came keeps WHEP for as long as it does not fail", () => {
  const playing = nextChoice(firstChoice(BOTH, T), { type: "media", way: "whep" }, T + 200);
  expect(ticks(playing, T + 200, T + 600_000)).toEqual(playing);
  expect(nextChoice(playing, { type: "failed", way: "whep" }, T + 601_000).way).toBe("hls");
});

test("a probe that brings a picture is switched to, and one that does not is left", () => {
  let state = nextChoice(firstChoice(BOTH, T), { type: "failed", way: "whep" }, T);
  state = nextChoice(state, { type: "media", way: "hls" }, T + 1_000);
  state = ticks(state, T + 1_000, T + 30_000);
  expect(state).toMatchObject({ way: "hls", probing: true, playing: true });

  const back = nextChoice(state, { type: "media", way: "whep" }, T + 30_300);
  expect(back).toMatchObject({ way: "whep", probing: false, playing: true });

  const silent = ticks(state, T + 30_000, T + 34_500);
  expect(silent).toMatchObject({ way: "hls", probing: false, playing: true, setbacks: 2 });
  expect(silent.retry_at).toBeGreaterThanOrEqual(T + 34_000 + 60_000);
});

test("each setback doubles the pause, up to five minutes; steady watching forgets them", () => {
  let state = firstChoice(BOTH, T);
  const pauses: number[] = [];
  let now = T;
  for (let turn = 0; turn < 6; turn++) {
    state = nextChoice(state, { type: "failed", way: "whep" }, now);
    pauses.push(state.retry_at - now);
    state = nextChoice(state, { type: "media", way: "hls" }, now + 1);
    now = state.retry_at;
    state = nextChoice(state, { type: "tick" }, now);
    expect(state.probing).toBe(true);
  }
  expect(pauses).toEqual([30_000, 60_000, 120_000, 240_000, 300_000, 300_000]);
  state = nextChoice(state, { type: "media", way: "whep" }, now);
  state = nextChoice(state, { type: "failed", way: "whep" }, now + 31_000);
  expect(state).toMatchObject({ way: "hls", setbacks: 1 });
});

test("HLS that fails rests, then everything is tried again; WHEP only when it may be", () => {
  const onHls = nextChoice(firstChoice(BOTH, T), { type: "failed", way: "whep" }, T);
  const resting = nextChoice(onHls, { type: "failed", way: "hls" }, T + 100);
  expect(resting.way).toBeNull();
  expect(ticks(resting, T + 100, T + 2_000).way).toBeNull();
  expect(nextChoice(resting, { type: "tick" }, T + 2_100)).toMatchObject({ way: "hls", ways: BOTH });
  expect(nextChoice(resting, { type: "tick" }, T + 40_000).way).toBe("whep");
});

test("a show without HLS rests and tries WHEP again", () => {
  const only = firstChoice({ whep: BOTH.whep }, T);
  const failed = nextChoice(only, { type: "failed", way: "whep" }, T);
  expect(failed.way).toBeNull();
  expect(nextChoice(failed, { type: "tick" }, T + 2_000).way).toBe("whep");
});

test("news of a way that is no longer watched changes nothing", () => {
  const onHls = nextChoice(firstChoice(BOTH, T), { type: "failed", way: "whep" }, T);
  expect(nextChoice(onHls, { type: "failed", way: "whep" }, T + 1)).toBe(onHls);
  expect(nextChoice(onHls, { type: "media", way: "whep" }, T + 1)).toBe(onHls);
  const onWhep = firstChoice(BOTH, T);
  expect(nextChoice(onWhep, { type: "failed", way: "hls" }, T + 1)).toBe(onWhep);
});

test("WHEP that is lost may mend itself for as long as it may be silent", () => {
  const playing = nextChoice(firstChoice(BOTH, T), { type: "media", way: "whep" }, T + 200);
  const lost = nextChoice(playing, { type: "lost", way: "whep" }, T + 60_000);
  expect(lost).toMatchObject({ way: "whep", playing: false, setbacks: 0 });
  expect(nextChoice(lost, { type: "media", way: "whep" }, T + 62_000).playing).toBe(true);
  expect(ticks(lost, T + 60_000, T + 63_500).way).toBe("whep");
  expect(ticks(lost, T + 60_000, T + 64_000)).toMatchObject({ way: "hls", setbacks: 1 });
  expect(nextChoice(lost, { type: "lost", way: "whep" }, T + 61_000)).toBe(lost);
});
