import type { Directory, ShowCard } from "@liveshop/client";
import { expect, test } from "vitest";
import { after, type Front, remindersIn, unseen } from "../src/directory.ts";

const NOW = new Date(2026, 10, 26, 20, 0).getTime();

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
