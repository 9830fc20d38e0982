import { expect, test } from "vitest";
import { backoff, LONGEST_MS, SHORTEST_MS } from "../src/backoff.ts";
import { guessed, offset, sampled, unset } from "../src/clock.ts";
import { isFinal } from "../src/codes.ts";
import { step } from "../src/recovery.ts";

test("waits grow, within their bounds, and never all to the same moment", () => {
  expect(backoff(0, 0)).toBe(SHORTEST_MS);
  expect(backoff(0, 0.5)).toBe(750);
  expect(backoff(3, 0.999)).toBeLessThan(8_000);
  expect(backoff(50, 0.999999)).toBeLessThanOrEqual(LONGEST_MS);
});

test("the server's hint is never undercut", () => {
  expect(backoff(0, 0, 4_000)).toBe(4_000);
  expect(backoff(0, 0.5, 4_000)).toBe(4_250);
});

test("the sample with the shortest round trip is believed", () => {
  let clock = sampled(unset, 0, 400, 10_300);
  expect(offset(clock)).toBe(10_100);
  clock = sampled(clock, 1_000, 1_020, 11_010);
  expect(offset(clock)).toBe(10_000);
  clock = sampled(clock, 2_000, 2_900, 12_800);
  expect(offset(clock)).toBe(10_000);
});

test("any pong is better than the guess", () => {
  expect(offset(guessed(100, 5_100))).toBe(5_000);
  expect(offset(sampled(guessed(100, 5_100), 200, 300, 5_240))).toBe(4_990);
});

test("old samples are forgotten, so that a clock that drifts is followed", () => {
  let clock = sampled(unset, 0, 2, 1_001);
  for (let at = 1; at <= 8; at += 1)
    clock = sampled(clock, at * 100, at * 100 + 10, at * 100 + 505);
  expect(offset(clock)).toBe(500);
});

test("the range of a code says whether to come back", () => {
  expect([1000, 1006, 1012, 3000, 3008, 3499, 4000].filter(isFinal)).toEqual([]);
  expect([1003, 1007, 1009, 3500, 3501, 3999].filter(isFinal)).toHaveLength(6);
});

test("an event is applied when it is the next, skipped when known, and a hole is a gap", () => {
  const position = { epoch: "e", offset: 5 };
  const unpinned = (offset: number) => step(position, { type: "unpinned", offset });
  expect(unpinned(5)).toEqual({ kind: "skip" });
  expect(unpinned(6)).toEqual({ kind: "apply", position: { epoch: "e", offset: 6 } });
  expect(unpinned(7)).toEqual({ kind: "gap" });
  expect(step(position, { type: "pulse", viewers: 1, likes: 1 })).toEqual({
    kind: "apply",
    position,
  });
});
