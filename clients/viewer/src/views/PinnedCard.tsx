import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import { OfferCard } from "./OfferCard.tsx";
import "./PinnedCard.css";

/** The offer that is on screen now. */
export function PinnedCard() {
  const { state, onScreen, replay } = useLive();
  const { offers, show } = state.value;
  const offer = offers.find(({ id }) => id === onScreen.value);
  if (offer === undefined || (show?.state === "ended" && !replay)) return null;
  return (
    <section key={offer.id} class="pinned-card on-paper" aria-label={t("on_screen")}>
      <OfferCard offer={offer} pinned />
    </section>
  );
}
