/** Whether there is room for three columns. */

import { signal } from "@preact/signals";

const query = matchMedia("(min-width: 1180px)");

export const wide = signal(query.matches);

query.addEventListener("change", () => (wide.value = query.matches));
