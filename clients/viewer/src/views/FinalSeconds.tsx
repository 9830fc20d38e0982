import { now } from "@liveshop/ui";
import { useComputed } from "@preact/signals";
import { useLive } from "../live.ts";
import "./FinalSeconds.css";

/** From here on everyone counts along. */
const COUNTED_ALOUD = 5;

/** The last seconds before what is on screen opens, as big as the picture. */
export function FinalSeconds() {
  const { state } = useLive();
  const left = useComputed(() => {
    const { offers, pinned } = state.value;
    const offer = offers.find(({ id }) => id === pinned);
    if (offer?.state !== "open" || offer.opens_at === undefined) return 0;
    const seconds = Math.ceil((offer.opens_at - now.value) / 1000);
    return seconds <= COUNTED_ALOUD ? Math.max(0, seconds) : 0;
  }).value;
  return left > 0 ? (
    <strong key={left} class="final-seconds tabular" aria-hidden="true">
      {left}
    </strong>
  ) : null;
}
