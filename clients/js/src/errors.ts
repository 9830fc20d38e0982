/** What a promise of the SDK is rejected with. `code` is stable; the message is a sentence. */

import type { ErrorMessage, Refused } from "./messages.ts";

/** The server refused a message, or would not let the client in. */
export class RoomError extends Error {
  override readonly name = "RoomError";
  readonly code: string;
  readonly retry_after_ms: number | undefined;

  constructor(answer: Pick<ErrorMessage, "code" | "detail" | "retry_after_ms">) {
    super(answer.detail);
    this.code = answer.code;
    this.retry_after_ms = answer.retry_after_ms;
  }
}

/** The gate said no: nothing was reserved. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly reason: Refused["reason"];
  readonly retry_after_ms: number | undefined;

  constructor(answer: Refused) {
    super(`the reservation was refused: ${answer.reason}`);
    this.reason = answer.reason;
    this.retry_after_ms = answer.retry_after_ms;
  }
}
