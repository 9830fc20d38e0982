import { expect, test } from "vitest";
import { empty, RoomError } from "@liveshop/client";
import { hushOf, hushOfMode } from "../src/hush.ts";

const you = { id: "acc_1", name: "Ann", role: "viewer" as const };

test("a refusal that ends by itself says when, on the server's clock", () => {
  const why = new RoomError({ code: "slow_mode", detail: "", retry_after_ms: 7_000 });
  expect(hushOf(why, 1_000)).toEqual({ code: "slow_mode", until: 8_000 });
});

test("a refused word lasts until the line is written anew", () => {
  expect(hushOf(new RoomError({ code: "word_refused", detail: "" }), 0)).toEqual({
    code: "word_refused",
  });
});

test("what is no moderation is explained elsewhere", () => {
  expect(hushOf(new RoomError({ code: "unanswered", detail: "" }), 0)).toBeNull();
  expect(hushOf(new Error("broken"), 0)).toBeNull();
});

test("who does not follow hears so before they write", () => {
  const state = { ...empty, you, audience: "followers" as const };
  expect(hushOfMode(state, false)).toEqual({ code: "followers_only" });
  expect(hushOfMode(state, true)).toBeNull();
  expect(hushOfMode({ ...state, you: { ...you, moderates: true } }, false)).toBeNull();
  expect(hushOfMode({ ...state, audience: "buyers" }, false)).toBeNull();
});
