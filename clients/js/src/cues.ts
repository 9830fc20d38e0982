/**
 * Cards that wait for the picture. A viewer by HLS sees the host hold something up one or two
 * seconds after it happened; its card comes then, and not before. What is for sale never waits: who
 * is behind would be late for a sale.
 */

import type { OfferPinned, OfferUnpinned } from "./messages.ts";

export interface Cue {
  /** The server's time of it. */
  readonly at: number;
  /** What is on screen from then on. */
  readonly offer: string | null;
}

export interface Cues {
  /** What is on screen now. */
  readonly shown: string | null;
  /** Oldest first. */
  readonly waiting: readonly Cue[];
}

/** A picture further behind than this is paused or lost: its cards do not wait for it. */
export const FARTHEST_MS = 30_000;

/** What a room shows when one comes in. */
export function settled(shown: string | null): Cues {
  return { shown, waiting: [] };
}

export function cued({ shown, waiting }: Cues, message: OfferPinned | OfferUnpinned): Cues {
  const offer = message.type === "pinned" ? message.offer : null;
  return { shown, waiting: [...waiting, { at: message.at ?? 0, offer }] };
}

/** What is on screen with a picture of the time `picture_at`, when it is `now` at the server. */
export function shown(cues: Cues, picture_at: number, now: number): Cues {
  const until = now - picture_at > FARTHEST_MS ? now : picture_at;
  const due = cues.waiting.filter(({ at }) => at <= until).length;
  if (due === 0) return cues;
  return {
    shown: cues.waiting[due - 1]?.offer ?? null,
    waiting: cues.waiting.slice(due),
  };
}
