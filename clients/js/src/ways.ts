/**
 * By which way a viewer watches: WHEP while there is room, HLS when there is none, and back. Pure:
 * a player does what `way` and `probing` say, and reports what happened.
 *
 *     whep ── full · silent for 4 s · failed ──▶ hls ── again after a while, beside it ──▶ whep
 *                                                 └── failed ──▶ (rest 2 s) ──▶ from the beginning
 */

export type Way = "whep" | "hls";

/** Where the video is; a way that a show does not have is left out. */
export interface Ways {
  readonly whep?: string | undefined;
  readonly hls?: string | undefined;
}

export interface Choice {
  readonly ways: Ways;
  /** By which way the picture comes, or will; `null` while there is none to try. */
  readonly way: Way | null;
  /** Whether pictures have come by it. */
  readonly playing: boolean;
  /** WHEP is being tried while HLS plays on. */
  readonly probing: boolean;
  /** Since when the way, or the probe, has been tried; while resting, when that ends. */
  readonly since: number;
  /** WHEP is not tried before. */
  readonly retry_at: number;
  /** How often WHEP did not work in a row. */
  readonly setbacks: number;
}

export type Happening =
  | { readonly type: "tick" }
  /** The first picture came. */
  | { readonly type: "media"; readonly way: Way }
  /** No more pictures come; it tries to mend itself. */
  | { readonly type: "lost"; readonly way: Way }
  /** It does not work, or no more; a server that is full may say when to come back. */
  | { readonly type: "failed"; readonly way: Way; readonly retry_after_ms?: number | undefined };

/** UDP that gets through brings a picture within half a second; a blocked one, never. */
export const SILENT_MS = 4_000;

/** After the first setback; each further one doubles it. */
const RETRY_MS = 30_000;
const LONGEST_RETRY_MS = 300_000;

/** WHEP that played this long worked; what happened before is forgotten. */
const STEADY_MS = 30_000;

/** Before everything is tried again. */
const REST_MS = 2_000;

export function firstChoice(ways: Ways, now: number): Choice {
  const way = ways.whep ? "whep" : ways.hls ? "hls" : null;
  return { ways, way, playing: false, probing: false, since: now, retry_at: now, setbacks: 0 };
}

export function nextChoice(before: Choice, happened: Happening, now: number): Choice {
  switch (happened.type) {
    case "tick":
      return ticked(before, now);
    case "media":
      return pictured(before, happened.way, now);
    case "lost":
      return happened.way === before.way && before.playing ? lost(before, now) : before;
    case "failed": {
      const { way, retry_after_ms = 0 } = happened;
      if (way === "whep" && (before.way === "whep" || before.probing)) {
        return setBack(before, now, retry_after_ms);
      }
      if (way !== "hls" || before.way !== "hls") return before;
      return { ...before, way: null, playing: false, probing: false, since: now + REST_MS };
    }
  }
}

function ticked(before: Choice, now: number): Choice {
  const { ways, way, playing, probing, since, retry_at, setbacks } = before;
  const silent = now - since >= SILENT_MS;
  if (way === null) {
    if (now < since) return before;
    // HLS at once if WHEP has been tried lately.
    const again = firstChoice(ways.hls && now < retry_at ? { ...ways, whep: undefined } : ways, now);
    return { ...again, ways, retry_at, setbacks };
  }
  if ((way === "whep" && !playing && silent) || (probing && silent)) return setBack(before, now, 0);
  if (way === "hls" && playing && !probing && ways.whep && now >= retry_at) {
    return { ...before, probing: true, since: now };
  }
  return before;
}

function pictured(before: Choice, way: Way, now: number): Choice {
  if (way === before.way) return before.playing ? before : { ...before, playing: true, since: now };
  if (way === "whep" && before.probing) {
    return { ...before, way, playing: true, probing: false, since: now };
  }
  return before;
}

/** The way has as long to bring pictures again as it had to bring the first one. */
function lost(before: Choice, now: number): Choice {
  const steady = now - before.since >= STEADY_MS;
  return { ...before, playing: false, since: now, setbacks: steady ? 0 : before.setbacks };
}

/** WHEP did not work: HLS, and WHEP again later. */
function setBack(before: Choice, now: number, retry_after_ms: number): Choice {
  const { setbacks: earlier } = before.way === "whep" && before.playing ? lost(before, now) : before;
  const setbacks = earlier + 1;
  const pause = Math.min(RETRY_MS * 2 ** (setbacks - 1), LONGEST_RETRY_MS);
  const later = { ...before, probing: false, setbacks, retry_at: now + Math.max(pause, retry_after_ms) };
  if (before.way === "hls") return later;
  if (before.ways.hls) return { ...later, way: "hls", playing: false, since: now };
  return { ...later, way: null, playing: false, since: now + REST_MS };
}
