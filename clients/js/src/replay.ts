/**
 * A show to see again: what its room looked like at any moment. Pure.
 *
 * Time on the server's clock is what ties the recordings to the cards and the chat. Between two
 * recordings there was no picture; a replay goes on with the next one, and what was said meanwhile
 * is there at once.
 */

import type { ChatLine, Moment, OfferView, Replay, ReplayPart } from "./messages.ts";
import { CHAT_KEPT } from "./chat.ts";
import { applied, empty, type RoomState } from "./state.ts";

/** A place in a replay: which recording, and how far into it. */
export interface Place {
  readonly part: number;
  readonly offset_ms: number;
}

/** How long it is to watch. */
export function length(parts: readonly ReplayPart[]): number {
  return parts.reduce((sum, { duration_ms }) => sum + duration_ms, 0);
}

/** Where one is after watching for so long; at the end at most. */
export function place(parts: readonly ReplayPart[], watched_ms: number): Place {
  let left = Math.max(0, watched_ms);
  for (const [part, { duration_ms }] of parts.entries()) {
    if (left < duration_ms || part === parts.length - 1) {
      return { part, offset_ms: Math.min(left, duration_ms) };
    }
    left -= duration_ms;
  }
  return { part: 0, offset_ms: 0 };
}

/** How long one has watched who is there. */
export function watched(parts: readonly ReplayPart[], { part, offset_ms }: Place): number {
  return length(parts.slice(0, part)) + offset_ms;
}

/** The server's time of the picture. */
export function picturedAt(parts: readonly ReplayPart[], { part, offset_ms }: Place): number {
  return (parts[part]?.started_at ?? 0) + offset_ms;
}

/** The picture of a moment; of one between two recordings, the beginning of the next. */
export function placeOf(parts: readonly ReplayPart[], at: number): Place {
  for (const [part, { started_at, duration_ms }] of parts.entries()) {
    if (at < started_at + duration_ms) return { part, offset_ms: Math.max(0, at - started_at) };
  }
  return place(parts, length(parts));
}

/** Where to jump: a product came on screen, after so much watching. */
export interface Chapter {
  readonly watched_ms: number;
  readonly offer: string;
}

/** The products in the order they were shown; one that was shown twice is there twice. */
export function chapters({ parts, moments }: Pick<Replay, "parts" | "moments">): Chapter[] {
  const found: Chapter[] = [];
  const end = picturedAt(parts, place(parts, length(parts)));
  for (const { at, event } of moments) {
    if (event.type !== "pinned" || at > end) continue;
    const chapter = { watched_ms: watched(parts, placeOf(parts, at)), offer: event.offer };
    // What was on screen before the first picture begins with it; of several, the last.
    if (found.at(-1)?.watched_ms === chapter.watched_ms) found.pop();
    if (found.at(-1)?.offer !== chapter.offer) found.push(chapter);
  }
  return found;
}

/**
 * What the room looked like at `at`.
 *
 * `offers` are those of the ended show, for what happened before anything was written down. It is
 * over, and sells nothing; `moments` and `lines` are in order.
 */
export function roomAt(
  replay: Pick<Replay, "show" | "moments">,
  offers: readonly OfferView[],
  lines: readonly ChatLine[],
  at: number,
): RoomState {
  // Older than anything that was told.
  let state: RoomState = { ...empty, offers: offers.map((each) => ({ ...each, version: -1 })) };
  for (const moment of until(replay.moments, at)) state = applied(state, moment.event);
  const chat = lines.slice(0, upTo(lines, at)).slice(-CHAT_KEPT);
  return { ...state, show: replay.show, chat };
}

function until(moments: readonly Moment[], at: number): readonly Moment[] {
  return moments.slice(0, upTo(moments, at));
}

/** How many of them were there by then. */
function upTo(sorted: readonly { readonly at: number }[], at: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.at ?? Infinity) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
