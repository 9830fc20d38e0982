/** When an offer opens by itself: a moment as it was typed, and what is wrong with it. Pure. */
import { momentOf, typedMoment } from "./moments.ts";

export type OpeningFault = "none" | "past" | "far" | "queue";

const MINUTE_MS = 60_000;

/** The server's own bounds: how far ahead an offer opens, and how long a queue takes entrants. */
const AHEAD_MS = 30 * 24 * 60 * MINUTE_MS;
const QUEUE_MS = 10_000;

/** Until then a countdown says more than a time of day. */
const COUNTED_MS = 10 * MINUTE_MS;

const QUARTER_MS = 15 * MINUTE_MS;

/** The moment (Unix ms) that was typed, or why an offer cannot open then. */
export function openingOf(typed: string, now: number, queue: boolean): number | OpeningFault {
  const at = momentOf(typed);
  if (at === undefined) return "none";
  if (at <= now) return "past";
  if (at > now + AHEAD_MS) return "far";
  // A moment of margin for the way to the shop.
  return queue && at < now + 2 * QUEUE_MS ? "queue" : at;
}

/** The next quarter of an hour that leaves five minutes to get ready, as it would be typed. */
export function suggestedOpening(now: number): string {
  return typedMoment(Math.ceil((now + 5 * MINUTE_MS) / QUARTER_MS) * QUARTER_MS);
}

/** Whether `at` is so far away that the moment itself is shown, and no countdown. */
export function isFar(at: number, now: number): boolean {
  return at - now > COUNTED_MS;
}
