/**
 * Comfort: large type, strong contrast, one card, one button, and nothing that floats. Kept on this
 * device; a link asks for it with `?comfort`, and so does a device that asks for more contrast.
 */
import { effect, type ReadonlySignal, signal } from "@preact/signals";

const KEPT = "liveshop.comfort";

const chosen = signal(atFirst());

export const comfort: ReadonlySignal<boolean> = chosen;

/** Switch it, for this visit and the next. */
export function setComfort(on: boolean): void {
  chosen.value = on;
  try {
    localStorage.setItem(KEPT, on ? "yes" : "no");
  } catch {
    // Then it holds for this visit.
  }
}

effect(() => void document.documentElement.classList.toggle("comfort", chosen.value));

function atFirst(): boolean {
  if (new URLSearchParams(location.search).has("comfort")) return true;
  try {
    const kept = localStorage.getItem(KEPT);
    if (kept !== null) return kept === "yes";
  } catch {
    // Nothing is kept here.
  }
  return matchMedia("(prefers-contrast: more)").matches;
}
