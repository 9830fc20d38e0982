/**
 * Where in the room's control lane a client stands. Offsets are contiguous: an event is applied
 * exactly once, and a hole is noticed with the next event.
 */

import type { ServerMessage } from "./messages.ts";

export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

export type Step =
  | { readonly kind: "apply"; readonly position: Position }
  | { readonly kind: "skip" }
  | { readonly kind: "gap" };

/** What to do with `message` at `position`; a message without an offset is always applied. */
export function step(position: Position, message: ServerMessage): Step {
  if (message.type === "joined" || !("offset" in message)) return { kind: "apply", position };
  if (message.offset <= position.offset) return { kind: "skip" };
  if (message.offset > position.offset + 1) return { kind: "gap" };
  return { kind: "apply", position: { epoch: position.epoch, offset: message.offset } };
}
