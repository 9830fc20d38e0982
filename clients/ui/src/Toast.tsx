import { uniqueId } from "@liveshop/client";
import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import "./Toast.css";

export type Tone = "plain" | "good" | "bad";

interface Toast {
  readonly id: string;
  readonly text: string;
  readonly tone: Tone;
}

/** Long enough to read a sentence twice. */
const SHOWN_MS = 4500;

/** More than three at a time nobody reads. */
const AT_MOST = 3;

const toasts = signal<readonly Toast[]>([]);

/** Counts what was opened on top of the page, and so on top of the toasts. */
const covered = signal(0);

/** To be called by whatever has just opened on top of the page. */
export function raiseToasts(): void {
  covered.value += 1;
}

/** Say something in passing. The same sentence is not said twice at a time. */
export function toast(text: string, tone: Tone = "plain"): void {
  const id = uniqueId();
  const others = toasts.value.filter((other) => other.text !== text);
  toasts.value = [...others, { id, text, tone }].slice(-AT_MOST);
  setTimeout(() => {
    toasts.value = toasts.value.filter((other) => other.id !== id);
  }, SHOWN_MS);
}

/** Where toasts appear: once a page. */
export function Toaster() {
  const place = useRef<HTMLDivElement>(null);
  const shown = toasts.value;
  useLayoutEffect(() => {
    // What was shown last lies on top, of an open sheet too.
    place.current?.hidePopover();
    if (shown.length > 0) place.current?.showPopover();
  }, [shown, covered.value]);
  return (
    <div ref={place} class="toaster" popover="manual" role="status" aria-live="polite">
      {shown.map(({ id, text, tone }) => (
        <p key={id} class={`toast toast-${tone}`}>
          {text}
        </p>
      ))}
    </div>
  );
}
