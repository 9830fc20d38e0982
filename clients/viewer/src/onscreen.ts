/** What is on screen beside the picture: a card comes when the picture gets to it. */

import type { Room } from "@liveshop/client";
import { cued, settled, shown } from "@liveshop/client/video";
import { serverNow } from "@liveshop/ui";
import { type ReadonlySignal, signal } from "@preact/signals";

/** Between two looks at the picture's time, and only while a card waits for it. */
const LOOK_MS = 100;

/** The same while nobody sees either. */
const HIDDEN_LOOK_MS = 1_000;

/** The id of the offer on screen; `behind_ms` says how old the picture is. */
export function onScreen(room: Room, behind_ms: () => number): ReadonlySignal<string | null> {
  const offer = signal<string | null>(room.state.pinned);
  let cues = settled(room.state.pinned);
  let looking: ReturnType<typeof setTimeout> | undefined;

  function look(): void {
    clearTimeout(looking);
    const now = serverNow();
    cues = shown(cues, now - behind_ms(), now);
    offer.value = cues.shown;
    if (cues.waiting.length > 0) {
      looking = setTimeout(look, document.hidden ? HIDDEN_LOOK_MS : LOOK_MS);
    }
  }

  room.on("message", (message) => {
    if (message.type === "joined") cues = settled(room.state.pinned);
    else if (message.type === "pinned" || message.type === "unpinned") cues = cued(cues, message);
    else return;
    // Nothing to wait for: a clock that is off must not hold a card back.
    if (behind_ms() === 0) cues = settled(room.state.pinned);
    look();
  });
  return offer;
}
