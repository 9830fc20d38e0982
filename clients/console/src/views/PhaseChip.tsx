import type { OfferView } from "@liveshop/client";
import { Countdown, now } from "@liveshop/ui";
import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { endOf, phaseOf } from "../selling.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly offer: OfferView;
}

/** Where the offer stands, with the time until that changes by itself. */
export function PhaseChip({ offer }: Props) {
  // The clock is looked at only where there is a window: everything else changes by events.
  const timed = offer.opens_at !== undefined || offer.closes_at !== undefined;
  const phase = useMemo(() => computed(() => phaseOf(offer, timed ? now.value : 0)), [offer]).value;
  const end = endOf(offer, phase);
  return (
    <span class={`chip chip-${phase}`}>
      {t(`phase.${phase}`)}
      {end !== undefined && <Countdown key={end} to={end} />}
    </span>
  );
}
