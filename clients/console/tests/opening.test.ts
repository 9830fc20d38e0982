import { expect, test } from "vitest";
import { typedMoment } from "../src/moments.ts";
import { isFar, openingOf, suggestedOpening } from "../src/opening.ts";

const now = new Date(2030, 0, 1, 20, 2).getTime();
const MINUTE_MS = 60_000;
const at = (ms: number): string => typedMoment(now + ms);

test("an offer opens within the next thirty days", () => {
  expect(openingOf(at(13 * MINUTE_MS), now, false)).toBe(now + 13 * MINUTE_MS);
  expect(openingOf("", now, false)).toBe("none");
  expect(openingOf(at(0), now, false)).toBe("past");
  expect(openingOf(at(30 * 24 * 60 * MINUTE_MS), now, false)).toBe(now + 30 * 24 * 60 * MINUTE_MS);
  expect(openingOf(at(30 * 24 * 60 * MINUTE_MS + MINUTE_MS), now, false)).toBe("far");
});

test("a queue is not opened so late that nobody can enter it", () => {
  const soon = now + MINUTE_MS - 15_000;
  expect(openingOf(at(MINUTE_MS), soon, true)).toBe("queue");
  expect(openingOf(at(MINUTE_MS), soon, false)).toBe(now + MINUTE_MS);
  expect(openingOf(at(MINUTE_MS), now, true)).toBe(now + MINUTE_MS);
});

test("the moment that is suggested is the next quarter with time to get ready", () => {
  expect(suggestedOpening(now)).toBe("2030-01-01T20:15");
  expect(suggestedOpening(now + 8 * MINUTE_MS + 1)).toBe("2030-01-01T20:30");
});

test("what opens in more than ten minutes is told by its moment", () => {
  expect(isFar(now + 10 * MINUTE_MS, now)).toBe(false);
  expect(isFar(now + 10 * MINUTE_MS + 1, now)).toBe(true);
});
