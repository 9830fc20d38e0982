import type { ShopPlace } from "@liveshop/client";
import { beforeEach, expect, test } from "vitest";
import { gained, PERMISSIONS, type Permission, standingOf } from "../src/standing.ts";

const place = (host: string, ...permissions: Permission[]): ShopPlace => ({
  host,
  host_name: host.toUpperCase(),
  permissions,
});

const OWN = place("pat", ...PERMISSIONS);
const MEI = place("mei", "orders", "numbers");

let kept: Map<string, string>;
beforeEach(() => void (kept = new Map()));

function opened(admin = false) {
  return standingOf({
    admin: () => admin,
    kept: {
      getItem: (key) => kept.get(key) ?? null,
      setItem: (key, value) => void kept.set(key, value),
    },
  });
}

test("nothing may be done until the shop has said what", () => {
  const standing = opened();
  expect([standing.places.value, standing.here.value]).toEqual([null, null]);
  expect(standing.may(...PERMISSIONS)).toBe(false);
  expect(standing.held("mei")).toEqual([]);
});

test("one is in the first shop until another is chosen, and there again next time", () => {
  const standing = opened();
  standing.learn({ places: [OWN, MEI] });
  expect(standing.here.value).toEqual(OWN);
  standing.choose("mei");
  expect(standing.here.value).toEqual(MEI);
  expect([standing.may("orders"), standing.may("sell"), standing.may("sell", "orders")]).toEqual([
    true,
    false,
    true,
  ]);
  const later = opened();
  later.learn({ places: [OWN, MEI] });
  expect(later.here.value).toEqual(MEI);
});

test("a shop that one has no place in is not chosen", () => {
  const standing = opened();
  standing.learn({ places: [MEI] });
  standing.choose("bo");
  expect(standing.here.value).toEqual(MEI);
  expect(kept.size).toBe(0);
});

test("what was taken away is gone at once, and with the place one is elsewhere", () => {
  const standing = opened();
  standing.learn({ places: [OWN, MEI] });
  standing.choose("mei");
  standing.learn({ places: [OWN, place("mei", "orders")] });
  expect(standing.may("numbers")).toBe(false);
  standing.learn({ places: [OWN] });
  expect(standing.here.value).toEqual(OWN);
});

test("a page is for those who may do something on it", () => {
  const standing = opened();
  standing.learn({ places: [MEI] });
  const opens = () => (["shows", "products", "team", "audit"] as const).map(standing.opens);
  expect(opens()).toEqual([true, false, false, false]);
  standing.learn({ places: [place("mei", "sell", "team")] });
  expect(opens()).toEqual([true, true, true, true]);
});

test("an admin may do everything in every shop", () => {
  expect(opened(true).held("mei")).toEqual(PERMISSIONS);
});

test("where an invitation led is the place that is new or grew", () => {
  expect(gained([OWN], [OWN, MEI])).toEqual(MEI);
  expect(gained([OWN, place("mei", "orders")], [OWN, MEI])).toEqual(MEI);
  expect(gained([OWN, MEI], [OWN, MEI])).toBeUndefined();
});
