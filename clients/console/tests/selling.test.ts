import { expect, test } from "vitest";
import { closedLast, endOf, numbered, percentOff, phaseOf, shareTaken } from "../src/selling.ts";
import { offer } from "./samples.ts";

test("an open offer is coming before its window, selling inside it and closing after it", () => {
  const timed = offer({ opens_at: 1000, closes_at: 2000 });
  expect([999, 1000, 1999, 2000].map((now) => phaseOf(timed, now))).toEqual([
    "coming",
    "selling",
    "selling",
    "closing",
  ]);
});

test("an offer with nothing left is sold out only while it sells", () => {
  expect(phaseOf(offer({ left: 0 }), 0)).toBe("sold_out");
  expect(phaseOf(offer({ left: 0, opens_at: 10 }), 0)).toBe("coming");
  expect(phaseOf(offer({ left: 0, state: "closed" }), 0)).toBe("closed");
});

test("a draft is a draft whatever its window says", () => {
  expect(phaseOf(offer({ state: "draft", opens_at: 0 }), 5)).toBe("draft");
});

test("the end that is counted down to is the opening before it and the close after it", () => {
  const timed = offer({ opens_at: 1000, closes_at: 2000 });
  expect(endOf(timed, "coming")).toBe(1000);
  expect(endOf(timed, "selling")).toBe(2000);
  expect(endOf(timed, "closed")).toBeUndefined();
});

test("the share taken is of the allocated units, and nothing of no units", () => {
  expect(shareTaken(offer({ quantity: 20, left: 5 }))).toBe(0.75);
  expect(shareTaken(offer({ quantity: 0, left: 0 }))).toBe(0);
});

test("percent off is whole, and none without a higher price before", () => {
  expect(percentOff({ price_minor: 900, was_minor: 2400 })).toBe(63);
  expect(percentOff({ price_minor: 900 })).toBe(0);
  expect(percentOff({ price_minor: 900, was_minor: 800 })).toBe(0);
});

test("offers are numbered in the order of the bag", () => {
  const bag = [offer({ id: "late", position: 7 }), offer({ id: "first", position: 2 })];
  expect(numbered(bag).map(({ n, offer }) => [n, offer.id])).toEqual([
    [1, "first"],
    [2, "late"],
  ]);
});

test("closed offers sink to the end of the run and keep their numbers", () => {
  const bag = [1, 2, 3].map((position) =>
    offer({ id: `ofr_${position}`, position, state: position === 1 ? "closed" : "open" }),
  );
  expect(closedLast(numbered(bag)).map(({ n }) => n)).toEqual([2, 3, 1]);
});
