/**
 * The tries for an offer that are not orders: on their way, held, or refused. Once the order is
 * placed, the order says it all and the try is gone.
 */

import type { OrderView, Refused, ServerMessage } from "./messages.ts";

export type Attempt =
  | { readonly phase: "reserving"; readonly id: string }
  | { readonly phase: "reserved"; readonly hold: string; readonly expires_at: number }
  | { readonly phase: "refused"; readonly reason: Refused["reason"] };

export type Attempts = Readonly<Record<string, Attempt>>;

/** A `reserve` with this id has just been sent. */
export interface Reserving {
  readonly type: "reserving";
  readonly id: string;
  readonly offer: string;
}

/** `attempts` after `change`; the same object when nothing changed. */
export function attempted(
  attempts: Attempts,
  change: ServerMessage | Reserving,
  orders: readonly OrderView[],
): Attempts {
  switch (change.type) {
    case "reserving":
      return { ...attempts, [change.offer]: { phase: "reserving", id: change.id } };
    case "reserved": {
      const { hold, expires_at } = change;
      // `placed` comes from another process and may be first.
      if (orders.some((order) => order.hold === hold)) return without(attempts, change.offer);
      return { ...attempts, [change.offer]: { phase: "reserved", hold, expires_at } };
    }
    case "refused":
      return { ...attempts, [change.offer]: { phase: "refused", reason: change.reason } };
    // Waiting says more than the refusal that came before it.
    case "waiting":
      return refused(attempts, change.offer) ? without(attempts, change.offer) : attempts;
    // So does a place in the queue, or the turn.
    case "entered":
    case "admitted":
      return refused(attempts, change.offer) ? without(attempts, change.offer) : attempts;
    case "error":
      return unless(
        attempts,
        (attempt) => attempt.phase === "reserving" && attempt.id === change.to,
      );
    case "placed":
    case "paid":
    case "refunded":
      return unless(attempts, (attempt) => holds(attempt, change.order.hold));
    case "released":
      return refused(attempts, change.offer) === "limit_reached"
        ? without(attempts, change.offer)
        : unless(attempts, (attempt) => holds(attempt, change.hold));
    case "joined": {
      const placed = new Set(change.you.orders?.map(({ hold }) => hold));
      return unless(
        attempts,
        (attempt) => attempt.phase === "reserved" && placed.has(attempt.hold),
      );
    }
    // What was refused may be had again: the next try will tell.
    case "offer":
      return refused(attempts, change.offer.id) ? without(attempts, change.offer.id) : attempts;
    case "stock":
      return change.left > 0 && refused(attempts, change.offer) === "sold_out"
        ? without(attempts, change.offer)
        : attempts;
    default:
      return attempts;
  }
}

function holds(attempt: Attempt, hold: string): boolean {
  return attempt.phase === "reserved" && attempt.hold === hold;
}

function refused(attempts: Attempts, offer: string): Refused["reason"] | undefined {
  const attempt = attempts[offer];
  return attempt?.phase === "refused" ? attempt.reason : undefined;
}

function without(attempts: Attempts, offer: string): Attempts {
  if (!(offer in attempts)) return attempts;
  const { [offer]: _gone, ...others } = attempts;
  return others;
}

function unless(attempts: Attempts, gone: (attempt: Attempt) => boolean): Attempts {
  const entries = Object.entries(attempts);
  const kept = entries.filter(([, attempt]) => !gone(attempt));
  return kept.length === entries.length ? attempts : Object.fromEntries(kept);
}
