import { expect, test, vi } from "vitest";
import { deeds } from "../src/deeds.ts";

test("a second press while the first is being done does nothing", async () => {
  let done = () => {};
  const work = vi.fn(() => new Promise<void>((resolve) => void (done = resolve)));
  const { attempt, doing } = deeds(() => {});
  const first = attempt("pin", work);
  expect([...doing.value]).toEqual(["pin"]);
  expect(await attempt("pin", work)).toBe(false);
  expect(work).toHaveBeenCalledTimes(1);
  done();
  expect(await first).toBe(true);
  expect([...doing.value]).toEqual([]);
});

test("a failure is said once, and the button is free again", async () => {
  const failed = vi.fn();
  const { attempt, doing } = deeds(failed);
  const trouble = new Error("not enough stock");
  expect(await attempt("open", () => Promise.reject(trouble))).toBe(false);
  expect(failed.mock.calls).toEqual([[trouble]]);
  expect([...doing.value]).toEqual([]);
});
