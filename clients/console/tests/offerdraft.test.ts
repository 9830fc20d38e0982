import type { VariantView } from "@liveshop/client";
import { expect, test } from "vitest";
import { availableOf, counted, priceOf, withPart, type Part, type Parts } from "../src/bundle.ts";
import { checked, draftOf, entering, minorOf, ofKind, withGoods } from "../src/offerdraft.ts";
import { offer } from "./samples.ts";

const variant: VariantView = {
  id: "var_1",
  sku: "MUG-MOON",
  price_minor: 2400,
  currency: "USD",
  available: 30,
};

const part: Part = { title: "Moon mug", variant, picture: undefined, count: 1 };
const parts: Parts = [part];

test("a flash begins few, short and one each", () => {
  expect(checked(draftOf(variant, "flash", 2), parts, 2)).toEqual({
    variant: "var_1",
    kind: "flash",
    price_minor: 2400,
    quantity: 20,
    limit_per_buyer: 1,
    duration_s: 60,
    hold_s: 120,
  });
});

test("everyday begins with what there is, and without an end", () => {
  expect(checked(draftOf(variant, "everyday", 2), parts, 2)).toEqual({
    variant: "var_1",
    kind: "everyday",
    price_minor: 2400,
    quantity: 30,
    limit_per_buyer: 5,
    hold_s: 300,
  });
});

test("what is wrong is said field by field", () => {
  const draft = { ...draftOf(variant, "flash", 2), price: "cheap", quantity: "31", limit: "0" };
  expect(checked(draft, parts, 2)).toEqual({ price: "price", quantity: "stock", limit: "count" });
  expect(checked({ ...draft, price: "1", quantity: "1.5", limit: "101" }, parts, 2)).toEqual({
    quantity: "count",
    limit: "limit",
  });
});

test("of a variant that is out of stock not one unit can be offered", () => {
  const gone = { ...variant, available: 0 };
  expect(checked(draftOf(gone, "flash", 2), [{ ...part, variant: gone }], 2)).toEqual({ quantity: "stock" });
});

test("a price is read to the last cent, with a point or a comma", () => {
  expect(["12", "12.9", "12,90", " 0.07 "].map((text) => minorOf(text, 2))).toEqual([
    1200, 1290, 1290, 7,
  ]);
  expect(minorOf("1200", 0)).toBe(1200);
});

test("what is not an amount is no price", () => {
  for (const text of ["", "-1", "1.234", "1,234.00", "1e3", "$5", "."]) {
    expect(minorOf(text, 2)).toBeUndefined();
  }
  expect(minorOf("1.5", 0)).toBeUndefined();
});

test("a queue is asked for, lasts long enough for turns, and is kept when it is sold again", () => {
  const draft = entering(draftOf(variant, "flash", 2), "queue");
  expect(checked(draft, parts, 2)).toMatchObject({ entry: "queue", duration_s: 300 });
  expect(entering({ ...draft, duration_s: null }, "queue").duration_s).toBeNull();
  expect(checked(entering(draft, "open"), parts, 2)).not.toHaveProperty("entry");
  const again = offer({ kind: "flash", entry: "queue" });
  expect(draftOf(variant, "flash", 2, again).entry).toBe("queue");
  expect(draftOf(variant, "everyday", 2, again).entry).toBe("open");
});

const plate: Part = {
  title: "Plate",
  variant: { id: "var_2", sku: "PLATE", price_minor: 1000, currency: "USD", available: 9 },
  picture: undefined,
  count: 1,
};

test("a bundle costs what its parts cost, and is there as often as its rarest part", () => {
  const set = counted(withPart(parts, plate), "var_2", 2);
  expect(priceOf(set)).toBe(4400);
  expect(availableOf(set)).toBe(4);
  const draft = { ...draftOf({ price_minor: 4400, available: 4 }, "everyday", 2), title: " Tea " };
  expect(checked(draft, set, 2)).toEqual({
    items: [
      { variant: "var_1", count: 1 },
      { variant: "var_2", count: 2 },
    ],
    title: "Tea",
    kind: "everyday",
    price_minor: 4400,
    quantity: 4,
    limit_per_buyer: 5,
    hold_s: 300,
  });
  expect(checked({ ...draft, quantity: "5" }, set, 2)).toEqual({ quantity: "stock" });
});

test("a part that is added again is in once more, and the last part stays", () => {
  const two = withPart(parts, part);
  expect(two.map(({ count }) => count)).toEqual([2]);
  expect(counted(counted(two, "var_1", 1), "var_1", 0).map(({ count }) => count)).toEqual([1]);
  expect(counted(two, "var_1", 101)[0].count).toBe(100);
  const many = Array.from({ length: 25 }, (_, n) => ({
    ...plate,
    variant: { ...plate.variant, id: `var_${n + 10}` },
  }));
  expect(many.reduce(withPart, parts)).toHaveLength(20);
});

test("another kind or other goods keep what was typed of the rest", () => {
  const typed = { ...draftOf(variant, "flash", 2), title: "Tea", price: "9", opens: "2030-01-01T20:00" };
  expect(ofKind(typed, "everyday", variant, 2)).toMatchObject({
    kind: "everyday",
    title: "Tea",
    price: "9",
    opens: "2030-01-01T20:00",
    limit: "5",
  });
  expect(withGoods(typed, { price_minor: 100, available: 3 }, 2)).toEqual({
    ...typed,
    price: "1.00",
    quantity: "3",
  });
});

test("whoever pays first is served where the host wants so, and never with drawn turns", () => {
  const draft = { ...draftOf(variant, "flash", 2), policy: "first_paid" } as const;
  expect(checked(draft, parts, 2)).toMatchObject({ policy: "first_paid" });
  expect(checked(draftOf(variant, "flash", 2), parts, 2)).not.toHaveProperty("policy");
  expect(checked(entering(draft, "queue"), parts, 2)).not.toHaveProperty("policy");
  const again = offer({ kind: "flash", policy: "first_paid" });
  expect(draftOf(variant, "flash", 2, again).policy).toBe("first_paid");
});
