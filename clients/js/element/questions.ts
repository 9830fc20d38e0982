/**
 * Questions over a port and their answers. Each has a deadline; an answer that comes later, or to a
 * question that nobody asked, is not listened to.
 */

import type { Answer, Trouble } from "./contract.ts";

/** A shop's cart may have to ask its own server. */
export const ANSWER_WITHIN_MS = 10_000;

export class EmbedError extends Error {
  override readonly name = "EmbedError";
  /** Stable, for programs; `unanswered` when no answer came. */
  readonly code: string;

  constructor({ code, message }: Trouble) {
    super(message);
    this.code = code;
  }
}

export interface Questions {
  /** Ask: `send` is given the id that the answer is to name. Rejected with an `EmbedError`. */
  ask(send: (id: number) => void): Promise<unknown>;
  settle(answer: Answer): void;
}

export function questions(within_ms = ANSWER_WITHIN_MS): Questions {
  const open = new Map<number, (answer: Answer) => void>();
  let last = 0;
  return {
    ask: (send) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        const settle = (answer: Answer): void => {
          clearTimeout(deadline);
          open.delete(id);
          if ("trouble" in answer) reject(new EmbedError(answer.trouble));
          else resolve(answer.value);
        };
        const trouble = { code: "unanswered", message: "the other side did not answer in time" };
        const deadline = setTimeout(() => settle({ type: "answer", to: id, trouble }), within_ms);
        open.set(id, settle);
        send(id);
      }),
    settle: (answer) => open.get(answer.to)?.(answer),
  };
}

/** The answer to question `to`: what `work` gives, or why it gave nothing. */
export async function answerTo(to: number, work: () => unknown): Promise<Answer> {
  try {
    return { type: "answer", to, value: (await work()) ?? null };
  } catch (why) {
    const code = typeof why === "object" && why !== null && "code" in why ? why.code : "failed";
    const message = why instanceof Error ? why.message : String(why);
    return { type: "answer", to, trouble: { code: String(code), message } };
  }
}
