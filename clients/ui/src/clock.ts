/**
 * The server's clock as a signal. It ticks only while something on the page shows it and the page
 * is in sight; what must happen at a moment has an alarm for it, and does not wait for a tick.
 */

import { signal } from "@preact/signals";

/** Often enough that seconds change when seconds change. */
const TICK_MS = 100;

/** A longer timeout overflows, and rings at once. */
const FARTHEST_MS = 2 ** 31 - 1;

/** What to add to the local clock to get the server's, in ms. */
export const clockOffset = signal(0);

export function serverNow(): number {
  return Date.now() + clockOffset.peek();
}

let ticking: ReturnType<typeof setInterval> | undefined;
let watched = false;

/** The server's Unix ms. Read it through a `computed` that rounds, or render ten times a second. */
export const now = signal(serverNow(), {
  watched() {
    watched = true;
    run();
  },
  unwatched() {
    watched = false;
    run();
  },
});

function tick(): void {
  now.value = serverNow();
}

function run(): void {
  clearInterval(ticking);
  ticking = undefined;
  if (!watched || document.hidden) return;
  tick();
  ticking = setInterval(tick, TICK_MS);
}

document.addEventListener("visibilitychange", run);

// A clock that was set right is right at once.
clockOffset.subscribe(() => void (watched && tick()));

/**
 * Let `now` be told at the very moment `at` of the server's clock, and not up to a tick later.
 * The answer ends it.
 */
export function alarm(at: number): () => void {
  let waiting: ReturnType<typeof setTimeout> | undefined;
  const set = (): void => {
    clearTimeout(waiting);
    const left = at - serverNow();
    if (left <= 0 || left > FARTHEST_MS) return;
    waiting = setTimeout(() => {
      // A timer may ring a millisecond early by the clock that is asked here.
      if (serverNow() < at) return set();
      tick();
    }, left);
  };
  const corrected = clockOffset.subscribe(set);
  return () => {
    corrected();
    clearTimeout(waiting);
  };
}
