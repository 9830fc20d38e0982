/** How many columns there is room for. The style sheets ask the same questions. */

import { type ReadonlySignal, signal } from "@preact/signals";

/** The chat has a column of its own: a tablet, a phone on its side, a desk. */
export const wide = follows("(min-width: 720px)");

/** So has the bag. */
export const shelved = follows("(min-width: 1180px)");

function follows(media: string): ReadonlySignal<boolean> {
  const query = matchMedia(media);
  const holds = signal(query.matches);
  query.addEventListener("change", () => (holds.value = query.matches));
  return holds;
}
