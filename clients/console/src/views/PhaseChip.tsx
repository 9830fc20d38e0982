import type { OfferView } from "@liveshop/client";
import { countdown, PhaseWords, usePhase } from "./PhaseWords.tsx";

interface Props {
  readonly offer: OfferView;
}

/** Where the offer stands, with the time until that changes by itself. */
export function PhaseChip({ offer }: Props) {
  const phase = usePhase(offer);
  return (
    <span class={`chip chip-${phase}`}>
      <PhaseWords offer={offer} phase={phase} clock={countdown} />
    </span>
  );
}
