/** How many columns there is room for. The style sheets ask the same questions. */

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { comfort } from "./comfort.ts";

const roomy = follows("(min-width: 720px)");

/** The chat has a place of its own: on a tablet, a phone on its side, a desk, and in comfort. */
export const wide = computed(() => comfort.value || roomy.value);

/** So has the bag. */
export const shelved = follows("(min-width: 1180px)");

function follows(media: string): ReadonlySignal<boolean> {
  const query = matchMedia(media);
  const holds = signal(query.matches);
  query.addEventListener("change", () => (holds.value = query.matches));
  return holds;
}
