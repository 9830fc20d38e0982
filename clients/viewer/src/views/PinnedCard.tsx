import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import { OfferCard } from "./OfferCard.tsx";
import "./PinnedCard.css";

/** The offer that is on screen now. */
export function PinnedCard() {
  const { offers, pinned, show } = useLive().state.value;
  const offer = offers.find(({ id }) => id === pinned);
  if (offer === undefined || show?.state === "ended") return null;
  return (
    <section key={offer.id} class="pinned-card on-paper" aria-label={t("on_screen")}>
      <OfferCard offer={offer} pinned />
    </section>
  );
}
