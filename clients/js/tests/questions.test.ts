import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ANSWER_WITHIN_MS, answerTo, EmbedError, questions } from "../element/questions.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("each question gets its own answer, in whatever order they come", async () => {
  const { ask, settle } = questions();
  const ids: number[] = [];
  const [first, second] = [ask((id) => ids.push(id)), ask((id) => ids.push(id))];
  settle({ type: "answer", to: ids[1]!, value: "second" });
  settle({ type: "answer", to: ids[0]!, value: "first" });
  settle({ type: "answer", to: ids[0]!, value: "too late" });
  settle({ type: "answer", to: 99, value: "to nobody" });
  expect([await first, await second]).toEqual(["first", "second"]);
});

test("what is not answered in time is answered by its deadline", async () => {
  const asked = questions().ask(() => {});
  const failed = expect(asked).rejects.toMatchObject({ name: "EmbedError", code: "unanswered" });
  await vi.advanceTimersByTimeAsync(ANSWER_WITHIN_MS);
  await failed;
});

test("what the other side throws arrives with its code, and without one as failed", async () => {
  const { ask, settle } = questions();
  const why = Object.assign(new Error("no such order"), { code: "unknown_order" });
  const asked = ask((id) => void answerTo(id, () => Promise.reject(why)).then(settle));
  await expect(asked).rejects.toEqual(
    new EmbedError({ code: "unknown_order", message: "no such order" }),
  );
  expect(
    await answerTo(7, () => {
      throw new Error("boom");
    }),
  ).toEqual({ type: "answer", to: 7, trouble: { code: "failed", message: "boom" } });
  expect(await answerTo(8, () => undefined)).toEqual({ type: "answer", to: 8, value: null });
});
