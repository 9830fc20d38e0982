/**
 * What is asked for is done once. Something that was asked and got no answer may have been done all
 * the same: asked again in the same words it goes under the same key, and the shop answers what it
 * answered then.
 */
import { uniqueId } from "@liveshop/client";

export type Once = <Answer>(
  words: string,
  ask: (idempotencyKey: string) => Promise<Answer>,
) => Promise<Answer>;

export function once(): Once {
  const open = new Map<string, string>();
  return async (words, ask) => {
    const key = open.get(words) ?? uniqueId();
    open.set(words, key);
    try {
      const answer = await ask(key);
      open.delete(words);
      return answer;
    } catch (error) {
      if (!mayBeDone(error)) open.delete(words);
      throw error;
    }
  };
}

/** No answer, one that came from a server in trouble, or "I am still at it". */
function mayBeDone(error: unknown): boolean {
  if (!(error instanceof Error) || !("status" in error) || !("code" in error)) return true;
  const { status, code } = error;
  return status === 0 || Number(status) >= 500 || code === "idempotency_in_flight";
}
