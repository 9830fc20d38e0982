import type { ChatLine } from "@liveshop/client";
import { expect, test } from "vitest";
import { A_FRAME, restsFor, RUSH, rushes, stands, windowOf } from "../src/chatwindow.ts";

const MOST = 40;

function line(n: number): ChatLine {
  return { type: "chat", id: `a.${n}`, from: { id: "a", name: "A" }, text: `${n}`, at: n };
}

const lines = (from: number, to: number): ChatLine[] =>
  Array.from({ length: to - from }, (_, n) => line(from + n));

test("who comes in sees the newest at once", () => {
  const { lines: shown, behind } = windowOf(lines(0, 100), [], true, MOST);
  expect(shown).toEqual(lines(60, 100));
  expect(behind).toBe(0);
});

test("a storm is drawn a few lines a frame, and too far behind it jumps", () => {
  const before = lines(0, 40);
  const some = windowOf(lines(0, 70), before, true, MOST);
  expect(some.lines).toEqual(lines(A_FRAME, 40 + A_FRAME));
  expect(some.behind).toBe(70 - 40 - A_FRAME);
  const next = windowOf(lines(0, 70), some.lines, true, MOST);
  expect(next.lines.at(-1)).toEqual(line(40 + 2 * A_FRAME - 1));
  expect(windowOf(lines(0, 140), before, true, MOST).lines).toEqual(lines(100, 140));
});

test("who reads up has all up to where they were, and is told how many came after", () => {
  const before = lines(10, 50);
  const { lines: shown, behind } = windowOf(lines(0, 90), before, false, MOST);
  expect(shown).toEqual(lines(0, 50));
  expect(behind).toBe(40);
  // The oldest are kept nowhere any more.
  expect(windowOf(lines(30, 230), before, false, MOST).lines).toEqual(lines(30, 50));
  // Nothing of it is left: there is nothing to read but the newest.
  expect(windowOf(lines(60, 260), before, false, MOST).lines).toEqual(lines(220, 260));
});

test("what was taken away is nowhere, whether it was the first, the last or between", () => {
  const before = lines(10, 50);
  for (const gone of [10, 30, 49]) {
    const chat = lines(0, 60).filter(({ at }) => at !== gone);
    const { lines: shown, behind } = windowOf(chat, before, false, MOST);
    expect(shown).toEqual(lines(0, 50).filter(({ at }) => at !== gone));
    expect(behind).toBe(10);
    expect(windowOf(chat, before, true, MOST).lines.map(({ at }) => at)).not.toContain(gone);
  }
});

test("a line stands until it is taken away, also when it is older than what is kept", () => {
  expect(stands(lines(5, 9), line(7))).toBe(true);
  expect(stands(lines(5, 9), line(2))).toBe(true);
  expect(stands(lines(5, 9).filter(({ at }) => at !== 7), line(7))).toBe(false);
});

test("a rush is more within a second than anyone reads, and ends with a line that comes slowly", () => {
  const paced = (apart_ms: number): ChatLine[] =>
    lines(0, RUSH).map((each, n) => ({ ...each, at: n * apart_ms }));
  expect(rushes(paced(1000 / RUSH))).toBe(true);
  expect(rushes(paced(1000 / (RUSH - 1)))).toBe(false);
  expect(rushes(paced(1).slice(1))).toBe(false);
  expect(rushes([...paced(1), { ...line(RUSH), at: 1001 }])).toBe(false);
  // It is drawn in every second frame of a screen, and all else in the next one.
  expect(restsFor(paced(1))).toBe(40);
  expect(restsFor(paced(1000 / (RUSH - 1)))).toBe(0);
});
