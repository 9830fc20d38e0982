/** The server's clock as a signal. It ticks only while something on the page shows it. */

import { signal } from "@preact/signals";

/** A countdown that ends up to 100 ms late is one that nobody calls late. */
const TICK_MS = 100;

/** What to add to the local clock to get the server's, in ms. */
export const clockOffset = signal(0);

export function serverNow(): number {
  return Date.now() + clockOffset.peek();
}

let ticking: ReturnType<typeof setInterval> | undefined;

/** The server's Unix ms. Read it through a `computed` that rounds, or render ten times a second. */
export const now = signal(serverNow(), {
  watched() {
    now.value = serverNow();
    ticking = setInterval(() => (now.value = serverNow()), TICK_MS);
  },
  unwatched() {
    clearInterval(ticking);
  },
});
