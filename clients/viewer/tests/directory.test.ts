import type { Directory, ShowCard } from "@liveshop/client";
import { expect, test } from "vitest";
import { after, away, type Front, remindersIn, unseen } from "../src/directory.ts";

const NOW = new Date(2026, 10, 26, 20, 0).getTime();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function card(id: string, state: "draft" | "live" | "ended", more: Partial<ShowCard> = {}): ShowCard {
  return { show: { id, title: id, host: "mei", host_name: "Mei", state }, pictures: [], ...more };
}

const directory: Directory = {
  live: [card("on", "live", { viewers: 3, reminder: "asked" })],
  coming: [card("tea", "draft"), card("mugs", "draft", { reminder: "follows" })],
  replays: [card("past", "ended")],
};

function looked(): Front {
  return after(unseen, { heard: "directory", directory, at: NOW });
}

test("a look that fails leaves what was seen, and the next one mends it", () => {
  const failed = after(looked(), { heard: "nothing" });
  expect(failed).toEqual({ directory, failed: true, at: NOW });
  expect(after(failed, { heard: "directory", directory, at: NOW + 1 })).toEqual({
    directory,
    failed: false,
    at: NOW + 1,
  });
  expect(after(unseen, { heard: "nothing" })).toEqual({ directory: null, failed: true, at: 0 });
});

test("a reminder is on the card at once, and off it again", () => {
  const reminded = after(looked(), { heard: "reminder", show: "tea", reminded: true });
  expect(reminded.directory?.coming.map((each) => each.reminder)).toEqual(["asked", "follows"]);
  expect(after(reminded, { heard: "reminder", show: "tea", reminded: false })).toEqual(looked());
});

test("who follows the host stays a follower, whatever is asked for of one show", () => {
  expect(after(looked(), { heard: "reminder", show: "mugs", reminded: false })).toEqual(looked());
});

test("reminders are those of live and of coming shows", () => {
  expect(remindersIn(directory).map(({ show, why }) => [show.id, why])).toEqual([
    ["on", "asked"],
    ["mugs", "follows"],
  ]);
});

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
