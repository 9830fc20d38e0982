/** What can be done with an offer at this moment; renders only when that changes. */

import type { OfferView } from "@liveshop/client";
import { now } from "@liveshop/ui";
import { useComputed, useSignal } from "@preact/signals";
import { useLive } from "./live.ts";
import { offering, type Offering } from "./offering.ts";

export function useOffering(offer: OfferView): Offering {
  const { state } = useLive();
  const current = useSignal(offer);
  current.value = offer;
  return useComputed(() => offering(state.value, current.value, now.value)).value;
}
