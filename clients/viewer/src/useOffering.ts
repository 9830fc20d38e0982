/** What can be done with an offer at this moment; renders only when that changes. */

import type { OfferView } from "@liveshop/client";
import { alarm, now } from "@liveshop/ui";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLive } from "./live.ts";
import { offering, type Offering } from "./offering.ts";

export function useOffering(offer: OfferView): Offering {
  const { state } = useLive();
  const { opens_at, closes_at } = offer;
  const current = useSignal(offer);
  current.value = offer;
  // The button arms at zero, not at the tick after it.
  useEffect(() => {
    const alarms = [opens_at, closes_at].flatMap((at) => (at === undefined ? [] : [alarm(at)]));
    return () => alarms.forEach((end) => end());
  }, [opens_at, closes_at]);
  return useComputed(() => offering(state.value, current.value, now.value)).value;
}
