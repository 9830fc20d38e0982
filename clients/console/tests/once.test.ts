import { expect, test } from "vitest";
import { once } from "../src/once.ts";

const failure = (status: number, code: string) => Object.assign(new Error(code), { status, code });
const lost = failure(0, "unreachable");
const dying = failure(503, "unavailable");
const working = failure(409, "idempotency_in_flight");
const refused = failure(409, "wrong_state");

/** Ask in these words, and return the key that it went under. */
async function keyOf(ask: ReturnType<typeof once>, words: string, ends?: Error): Promise<string> {
  let used = "";
  const answer = ask(words, async (key) => {
    used = key;
    if (ends) throw ends;
  });
  await (ends ? expect(answer).rejects.toBe(ends) : answer);
  return used;
}

test.each([lost, dying, working])("asked again after $code, it is the same deed", async (ends) => {
  const ask = once();
  const first = await keyOf(ask, "refund 100", ends);
  const other = await keyOf(ask, "refund 200");

  expect(await keyOf(ask, "refund 100")).toBe(first);
  expect(other).not.toBe(first);
});

test.each([undefined, refused])("what has its answer is over, and the next is new", async (ends) => {
  const ask = once();
  const first = await keyOf(ask, "refund 100", ends);

  expect(await keyOf(ask, "refund 100")).not.toBe(first);
});
