/**
 * Which lines of the chat stand on the page. Pure.
 *
 * Invariant: they are a run of the room's lines, so what is taken away there is nowhere here. Whoever
 * follows gets the newest, a few a frame; whoever reads up gets all that is kept up to where they
 * were, and nothing moves under their eyes until they come back.
 */

import type { ChatLine } from "@liveshop/client";

/** Lines that are put in at once: more in one frame is more than a slow phone draws in one. */
export const A_FRAME = 12;

/** Lines within a second that are a rush: more than twice what a room shows by default. */
export const RUSH = 30;

export interface ChatWindow {
  readonly lines: readonly ChatLine[];
  /** Lines that came after them. */
  readonly behind: number;
}

/**
 * The window after `before`, which was shown last. Of the newest it keeps `most`; whoever is behind
 * by more than that is brought to the end at once.
 */
export function windowOf(
  chat: readonly ChatLine[],
  before: readonly ChatLine[],
  following: boolean,
  most: number,
): ChatWindow {
  const end = placeAfter(chat, before.at(-1));
  if (!following && before.length > 0) {
    if (end > 0) return { lines: chat.slice(0, end), behind: chat.length - end };
  }
  const jumps = chat.length - end > most || before.length === 0;
  const last = jumps ? chat.length : Math.min(chat.length, end + A_FRAME);
  return { lines: chat.slice(Math.max(0, last - most), last), behind: chat.length - last };
}

/**
 * In a rush a line is gone before it is read, and twenty drawings a second look like sixty. With this
 * pause 200 lines a second are at most `A_FRAME` in each.
 */
const RUSH_REST_MS = 40;

/** How long what is drawn of the chat may stay before it is drawn again, in ms. */
export function restsFor(chat: readonly ChatLine[]): number {
  return rushes(chat) ? RUSH_REST_MS : 0;
}

/** Whether more was said in the second before the newest line than anyone reads. */
export function rushes(chat: readonly ChatLine[]): boolean {
  const [first, newest] = [chat.at(-RUSH), chat.at(-1)];
  return first !== undefined && newest !== undefined && newest.at - first.at < 1000;
}

/** Whether a line stands in the chat still, or is only older than what is kept of it. */
export function stands(chat: readonly ChatLine[], { id, at }: ChatLine): boolean {
  const [oldest] = chat;
  return oldest === undefined || at < oldest.at || chat.some((line) => line.id === id);
}

/** The place behind `line`, or behind what was said before it, if it is gone. */
function placeAfter(chat: readonly ChatLine[], line: ChatLine | undefined): number {
  if (line === undefined) return 0;
  const same = chat.findLastIndex(({ id }) => id === line.id);
  return 1 + (same < 0 ? chat.findLastIndex(({ at }) => at <= line.at) : same);
}
