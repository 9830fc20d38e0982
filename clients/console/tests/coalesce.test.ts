import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { coalesced } from "../src/coalesce.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("the first request is done at once, and many during it lead to one more", async () => {
  const job = vi.fn(async () => {});
  const refresh = coalesced(job, 1000);
  refresh.ask();
  refresh.ask();
  refresh.ask();
  expect(job).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(999);
  expect(job).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(job).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(job).toHaveBeenCalledTimes(2);
});

test("a run that takes long is never joined by a second one", async () => {
  let done = () => {};
  const job = vi.fn(() => new Promise<void>((resolve) => void (done = resolve)));
  const refresh = coalesced(job, 10);
  refresh.ask();
  refresh.ask();
  await vi.advanceTimersByTimeAsync(5000);
  expect(job).toHaveBeenCalledTimes(1);
  done();
  await vi.advanceTimersByTimeAsync(0);
  expect(job).toHaveBeenCalledTimes(2);
});

test("after it rested it is ready again, and once stopped it is not", async () => {
  const job = vi.fn(async () => {});
  const refresh = coalesced(job, 1000);
  refresh.ask();
  await vi.advanceTimersByTimeAsync(2000);
  refresh.ask();
  refresh.ask();
  expect(job).toHaveBeenCalledTimes(2);
  refresh.stop();
  await vi.advanceTimersByTimeAsync(5000);
  refresh.ask();
  expect(job).toHaveBeenCalledTimes(2);
});
