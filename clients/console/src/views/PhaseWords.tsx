import type { OfferView } from "@liveshop/client";
import { Countdown, now, serverNow, when } from "@liveshop/ui";
import { computed } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import { isFar } from "../opening.ts";
import { endOf, phaseOf, type Phase } from "../selling.ts";
import { t } from "../texts/index.ts";

/** The phase of an offer, as it changes by itself. */
export function usePhase(offer: OfferView): Phase {
  // The clock is looked at only where there is a window: everything else changes by events.
  const timed = offer.opens_at !== undefined || offer.closes_at !== undefined;
  return useMemo(() => computed(() => phaseOf(offer, timed ? now.value : 0)), [offer]).value;
}

interface Props {
  readonly offer: OfferView;
  readonly phase: Phase;
  readonly clock: (to: number) => ComponentChildren;
}

/** `On sale 0:33`, `Opens in 2:00`, and while that is hours away `Opens 20:15`. */
export function PhaseWords({ offer, phase, clock }: Props) {
  const end = endOf(offer, phase);
  const opens = phase === "coming" ? end : undefined;
  const far = useMemo(
    () => computed(() => opens !== undefined && isFar(opens, now.value)),
    [opens],
  ).value;
  if (far && opens !== undefined) {
    const moment = when(opens, serverNow());
    return <span class="tabular">{t("phase.opens_at", { when: moment })}</span>;
  }
  return (
    <>
      <span>{t(`phase.${phase}`)}</span>
      {end !== undefined && clock(end)}
    </>
  );
}

export function countdown(to: number) {
  return <Countdown key={to} to={to} />;
}
