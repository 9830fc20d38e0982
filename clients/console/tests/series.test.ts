import type { Minute } from "@liveshop/client";
import { expect, test } from "vitest";
import { columns, extent, MINUTE_MS, readFrom, withMinutes } from "../src/series.ts";

const AT = 1_800_000_000_000;

function minute(n: number, changes: Partial<Minute> = {}): Minute {
  return { at: AT + n * MINUTE_MS, viewers: 0, ...changes };
}

test("a minute that is read again replaces what was known of it", () => {
  const first = withMinutes([], [minute(1, { orders: 1 }), minute(0)]);
  const grown = withMinutes(first, [minute(1, { orders: 4 }), minute(2)]);

  expect(grown.map(({ at, orders = 0 }) => [(at - AT) / MINUTE_MS, orders])).toEqual([
    [0, 0],
    [1, 4],
    [2, 0],
  ]);
  expect(readFrom(grown)).toBe(AT + MINUTE_MS);
  expect(readFrom([])).toBe(0);
});

test("a minute without orders is none, and one without a reading is unknown", () => {
  const series = [
    minute(0, { viewers: 4, viewers_peak: 6, orders: 2, paid: 1 }),
    minute(2, { viewers: 3, viewers_peak: 3, orders: 1 }),
  ];

  expect(columns(series, "orders", 100)).toEqual({
    at: [AT / 1000, AT / 1000 + 60, AT / 1000 + 120],
    lines: [
      [2, 0, 1],
      [1, 0, 0],
    ],
  });
  expect(columns(series, "viewers", 100).lines).toEqual([
    [4, null, 3],
    [6, null, 3],
  ]);
});

test("takings are what came in less what went back, in whole units of the currency", () => {
  const series = [minute(0, { captured_minor: 1250, refunded_minor: 250 })];

  expect(columns(series, "takings", 100).lines).toEqual([[10]]);
  expect(columns(series, "takings", 1).lines).toEqual([[1000]]);
});

test("without a click there is no conversion", () => {
  const series = [minute(0, { paid: 1 }), minute(1, { paid: 1, clicks: 4 })];

  expect(columns(series, "conversion", 100).lines).toEqual([[null, 25]]);
});

test("a show of which nothing is known has no columns", () => {
  expect(columns([], "chat", 100)).toEqual({ at: [], lines: [[]] });
  expect(extent([])).toBeNull();
  expect(extent([null, 3, 9, 2, null])).toEqual({ most: 9, last: 2 });
});
