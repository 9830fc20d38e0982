/** Why a viewer may not chat just now, and until when, as far as that is known. */

import { RoomError, type RoomState } from "@liveshop/client";

const CODES = [
  "muted",
  "slow_mode",
  "followers_only",
  "buyers_only",
  "word_refused",
  "link_refused",
] as const;

export interface Hush {
  readonly code: (typeof CODES)[number];
  /** Unix ms on the server's clock; without it, it ends when something changes. */
  readonly until?: number;
}

/** What a refused line says about the next one; null if it was refused for something else. */
export function hushOf(why: unknown, now: number): Hush | null {
  if (!(why instanceof RoomError)) return null;
  const code = CODES.find((known) => known === why.code);
  if (code === undefined) return null;
  return why.retry_after_ms === undefined ? { code } : { code, until: now + why.retry_after_ms };
}

/** What the mode of the chat says before anything was refused. Who bought, the server knows. */
export function hushOfMode({ you, audience }: RoomState, follows: boolean): Hush | null {
  if (you === null || you.moderates === true) return null;
  return audience === "followers" && !follows ? { code: "followers_only" } : null;
}
