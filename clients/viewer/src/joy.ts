/** A moment of joy for who got one: paper in the air, and a tap in the hand. */

import { comfort } from "./comfort.ts";

/** Short, long: felt as "yes!" and not as an alarm. */
const PULSES_MS = [20, 60, 90];

export function celebrate(): void {
  if (document.hidden) return;
  // Asked for without a touch on this page, a browser refuses; then the hand feels nothing.
  if ("vibrate" in navigator) navigator.vibrate(PULSES_MS);
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  if (comfort.value) return;
  import("./confetti.ts").then(
    ({ throwConfetti }) => throwConfetti(),
    () => undefined, // Joy is no reason to complain.
  );
}
