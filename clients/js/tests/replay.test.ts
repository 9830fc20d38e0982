import { expect, test } from "vitest";
import type { ChatLine, Moment, OfferView, Replay } from "../src/messages.ts";
import { chapters, length, picturedAt, place, placeOf, roomAt, watched } from "../src/replay.ts";

const AT = 1_800_000_000_000;
const PARTS = [
  { url: "/replay/tea/1.mp4", started_at: AT, duration_ms: 60_000 },
  { url: "/replay/tea/2.mp4", started_at: AT + 90_000, duration_ms: 30_000 },
];
const SHOW = { id: "tea", title: "Tea", host: "acc_1", host_name: "Mei", state: "ended" } as const;

function offer(id: string, left: number, version = 0): OfferView {
  return {
    ...{ id, show: "tea", kind: "flash", state: "open", product: "prd", title: id, variant: "v" },
    ...{ sku: id, price_minor: 900, currency: "USD", quantity: 20, left, version, position: 1 },
    ...{ limit_per_buyer: 1, hold_s: 120 },
  } as OfferView;
}

function pinned(at: number, id: string): Moment {
  return { at: AT + at, event: { type: "pinned", offer: id, at: AT + at, offset: 0 } };
}

function said(at: number, text: string): ChatLine {
  return { type: "chat", id: text, from: { id: "acc_2", name: "Lin" }, text, at: AT + at };
}

const REPLAY: Replay = {
  show: SHOW,
  parts: PARTS,
  chat: "/api/shows/tea/replay/chat",
  moments: [
    pinned(-60_000, "early"),
    pinned(-5_000, "cup"),
    { at: AT + 10_000, event: { type: "offer", offer: offer("cup", 20), at: AT, offset: 1 } },
    { at: AT + 20_000, event: { type: "stock", offer: "cup", left: 0, version: 9 } },
    pinned(30_000, "pot"),
    pinned(70_000, "between"),
    pinned(100_000, "cup"),
    { at: AT + 110_000, event: { type: "unpinned", at: AT, offset: 5 } },
    pinned(500_000, "late"),
  ],
};

test("two recordings are one replay", () => {
  expect(length(PARTS)).toBe(90_000);
  expect(place(PARTS, 59_999)).toEqual({ part: 0, offset_ms: 59_999 });
  expect(place(PARTS, 60_000)).toEqual({ part: 1, offset_ms: 0 });
  expect(place(PARTS, 1e9)).toEqual({ part: 1, offset_ms: 30_000 });
  expect(place(PARTS, -5)).toEqual({ part: 0, offset_ms: 0 });
  for (const ms of [0, 1, 59_999, 60_000, 75_000]) {
    expect(watched(PARTS, place(PARTS, ms))).toBe(ms);
  }
});

test("the picture has the server's time, also behind a pause", () => {
  expect(picturedAt(PARTS, place(PARTS, 59_000))).toBe(AT + 59_000);
  expect(picturedAt(PARTS, place(PARTS, 61_000))).toBe(AT + 91_000);
  expect(placeOf(PARTS, AT + 70_000)).toEqual({ part: 1, offset_ms: 0 });
  expect(placeOf(PARTS, AT - 9)).toEqual({ part: 0, offset_ms: 0 });
  expect(placeOf(PARTS, AT + 1e9)).toEqual({ part: 1, offset_ms: 30_000 });
});

test("the chapters are the products as they came on screen", () => {
  expect(chapters(REPLAY)).toEqual([
    { watched_ms: 0, offer: "cup" },
    { watched_ms: 30_000, offer: "pot" },
    { watched_ms: 60_000, offer: "between" },
    { watched_ms: 70_000, offer: "cup" },
  ]);
});

test("the room is as it was, and over", () => {
  const lines = [said(1_000, "hello"), said(25_000, "sold out!"), said(95_000, "back again")];
  const offers = [offer("cup", 3, 50)];
  const at = (ms: number) => roomAt(REPLAY, offers, lines, AT + ms);

  expect(at(0).pinned).toBe("cup");
  expect(at(0).show).toEqual(SHOW);
  expect(at(15_000).offers[0]?.left).toBe(20);
  expect(at(26_000)).toMatchObject({ pinned: "cup" });
  expect(at(26_000).offers[0]?.left).toBe(0);
  expect(at(26_000).chat.map(({ text }) => text)).toEqual(["hello", "sold out!"]);
  expect(at(111_000).pinned).toBeNull();
  expect(at(111_000).chat).toHaveLength(3);
});

test("nothing recorded is an empty replay", () => {
  expect(place([], 5)).toEqual({ part: 0, offset_ms: 0 });
  expect(length([])).toBe(0);
  expect(roomAt({ show: SHOW, moments: [] }, [], [], AT).chat).toEqual([]);
});
