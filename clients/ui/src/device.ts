/** A random name for this browser, so that a ban may hold it. It says nothing about the person. */

import { uniqueId } from "@liveshop/client";

const KEPT_AS = "liveshop.device";

export function device(): string {
  const kept = localStorage.getItem(KEPT_AS);
  if (kept !== null && /^[\w-]{8,64}$/.test(kept)) return kept;
  const fresh = uniqueId();
  localStorage.setItem(KEPT_AS, fresh);
  return fresh;
}
