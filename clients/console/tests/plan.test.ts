import { expect, test } from "vitest";
import { changesOf, localOf, momentOf } from "../src/plan.ts";

const at = new Date(2026, 10, 27, 20, 5).getTime();

test("a field and the moment it means are each other's inverse", () => {
  expect(localOf(at)).toBe("2026-11-27T20:05");
  expect(momentOf("2026-11-27T20:05")).toBe(at);
  expect(momentOf("")).toBeNull();
  expect(momentOf("some day")).toBeNull();
});

test("only what is different is asked for", () => {
  const show = { title: "Tea", starts_at: at + 12_345 };
  expect(changesOf(show, { title: "Tea", starts_at: at })).toEqual({});
  expect(changesOf(show, { title: "Mugs", starts_at: at })).toEqual({ title: "Mugs" });
  expect(changesOf(show, { title: "Tea", starts_at: at + 60_000 })).toEqual({ starts_at: at + 60_000 });
  expect(changesOf(show, { title: "Tea", starts_at: null })).toEqual({ starts_at: null });
  expect(changesOf({ title: "Tea" }, { title: "Tea", starts_at: null })).toEqual({});
});
