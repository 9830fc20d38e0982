import { expect, test } from "vitest";
import { away, daysOff, isSameDay } from "../src/away.ts";

const NOW = new Date(2026, 10, 26, 20, 0).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test.each([
  [10_000, { value: 1, unit: "minute" }],
  [20 * MINUTE, { value: 20, unit: "minute" }],
  [59 * MINUTE + 40_000, { value: 1, unit: "hour" }],
  [3 * HOUR, { value: 3, unit: "hour" }],
  // Late at night is the next day, and still tonight.
  [5 * HOUR, { value: 5, unit: "hour" }],
  [13 * HOUR, { value: 1, unit: "day" }],
  [24 * HOUR, { value: 1, unit: "day" }],
  [30 * HOUR, { value: 2, unit: "day" }],
  [7 * 24 * HOUR, { value: 7, unit: "day" }],
])("%i ms from eight in the evening is %o", (left, expected) => {
  expect(away(NOW + left, NOW)).toEqual(expected);
});

test("the same day is told in hours, however long it is", () => {
  const morning = new Date(2026, 10, 26, 7, 0).getTime();
  expect(away(morning + 14 * HOUR, morning)).toEqual({ value: 14, unit: "hour" });
});

test("what is there is not away", () => {
  expect(away(NOW, NOW)).toBeNull();
  expect(away(NOW - HOUR, NOW)).toBeNull();
});

test.each([
  [23 * HOUR, 0],
  [24 * HOUR, 0],
  // Tomorrow night, and the first hours of the day after.
  [24 * HOUR + 1, 1],
  [30 * HOUR, 2],
  [143 * HOUR, 6],
])("a countdown of %i ms from eight in the evening is %i days", (left, days) => {
  expect(daysOff(NOW + left, NOW)).toBe(days);
});

test("a day ends at midnight", () => {
  expect(isSameDay(NOW, NOW + 3 * HOUR)).toBe(true);
  expect(isSameDay(NOW, NOW + 4 * HOUR)).toBe(false);
});
