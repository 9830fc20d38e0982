import { expect, test } from "vitest";
import { arranged, beside, dropped, moved, stepped } from "../src/lineup.ts";
import { offer } from "./samples.ts";

const FOUR = ["a", "b", "c", "d"];

test.each([
  ["d", "a", "dabc"],
  ["a", null, "bcda"],
  ["a", "c", "bacd"],
  ["b", "b", "abcd"],
  ["x", "a", "abcd"],
  ["a", "x", "abcd"],
])("%s before %s makes %s", (id, before, expected) => {
  expect(moved(FOUR, id, before).join("")).toBe(expected);
});

test.each([
  ["b", -1, "bacd"],
  ["b", 1, "acbd"],
  ["c", 1, "abdc"],
] as const)("a step of %s by %i makes %s", (id, by, expected) => {
  const before = stepped(FOUR, id, by);
  expect(before).not.toBeUndefined();
  expect(moved(FOUR, id, before ?? null).join("")).toBe(expected);
});

test("from the ends there is no step further", () => {
  expect(stepped(FOUR, "a", -1)).toBeUndefined();
  expect(stepped(FOUR, "d", 1)).toBeUndefined();
  expect(stepped(FOUR, "x", 1)).toBeUndefined();
});

test("what is held goes before the first row whose middle is below it", () => {
  const rows = [
    { id: "a", middle: 50 },
    { id: "b", middle: 150 },
  ];
  expect([dropped(rows, 10), dropped(rows, 60), dropped(rows, 999)]).toEqual(["a", "b", null]);
});

test("an order that is asked for shows at once, and what it does not name stays behind", () => {
  const offers = ["a", "b", "new"].map((id, n) => offer({ id, position: n + 1 }));
  const shown = arranged(offers, ["b", "a"]).toSorted((x, y) => x.position - y.position);
  expect(shown.map(({ id }) => id)).toEqual(["b", "a", "new"]);
});

test("before and after what is on screen is what can be shown", () => {
  const offers = [
    offer({ id: "c", position: 3 }),
    offer({ id: "a", position: 1 }),
    offer({ id: "b", position: 2, state: "closed" }),
  ];
  expect(beside(offers, "a", 1)?.id).toBe("c");
  expect(beside(offers, "c", -1)?.id).toBe("a");
  expect(beside(offers, "c", 1)).toBeUndefined();
  expect(beside(offers, null, 1)?.id).toBe("a");
  expect(beside(offers, null, -1)).toBeUndefined();
});
