import type { Reminder, ShowView } from "@liveshop/client";
import { expect, test } from "vitest";
import { begun, toldAfter } from "../src/reminding.ts";

const NOW = 1_760_000_000_000;

function reminder(id: string, state: ShowView["state"], started_at?: number): Reminder {
  const show = { id, title: id, host: "mei", host_name: "Mei", state };
  return { show: started_at === undefined ? show : { ...show, started_at }, why: "asked" };
}

const ids = (...args: Parameters<typeof begun>) => begun(...args).map(({ id }) => id);

test("a show that went live just now is told once", () => {
  const reminders = [reminder("tea", "live", NOW - 5_000), reminder("mugs", "draft")];
  expect(ids(reminders, new Set(), NOW)).toEqual(["tea"]);
  expect(toldAfter(reminders)).toEqual(["tea"]);
  expect(ids(reminders, new Set(toldAfter(reminders)), NOW)).toEqual([]);
});

test("the show that one is in is not told", () => {
  expect(ids([reminder("tea", "live", NOW)], new Set(), NOW, "tea")).toEqual([]);
});

test("a show that has been on for long is no news", () => {
  expect(ids([reminder("tea", "live", NOW - 599_999)], new Set(), NOW)).toEqual(["tea"]);
  expect(ids([reminder("tea", "live", NOW - 600_000)], new Set(), NOW)).toEqual([]);
});

test("what was told is forgotten with the show", () => {
  expect(toldAfter([reminder("mugs", "draft")])).toEqual([]);
});
