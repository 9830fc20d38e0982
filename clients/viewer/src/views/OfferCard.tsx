import type { OfferView } from "@liveshop/client";
import { Picture, Price, StockBar, thumbnail } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { useOffering } from "../useOffering.ts";
import { t } from "../words/index.ts";
import { BundleItems } from "./BundleItems.tsx";
import { BuyButton } from "./BuyButton.tsx";
import "./OfferCard.css";
import { OfferTags } from "./OfferTags.tsx";
import { QueueNote } from "./QueueNote.tsx";
import { RaceNote } from "./RaceNote.tsx";

interface Props {
  readonly offer: OfferView;
  readonly pinned?: boolean;
}

/** An offer with its picture, its price and what can be done with it now. */
export function OfferCard({ offer, pinned = false }: Props) {
  const offering = useOffering(offer);
  const { click, state } = useLive();
  const { title, picture, picture_alt, left, quantity, price_minor, was_minor, currency } = offer;
  const { options = [], items = [] } = offer;
  const onSale = offering === "buy" || offering === "buy_another";
  // Where there is no line to join, the button says so.
  const isGone = (offering === "sold_out" && offer.policy !== "first_paid") || offering === "waiting";
  return (
    <article class={`offer-card offer-${offering}`} onClick={() => click(offer)}>
      <Picture src={thumbnail(picture)} alt={picture_alt ?? ""} class="offer-picture" />
      <div class="offer-facts">
        <OfferTags offer={offer} pinned={pinned} offering={offering} />
        <h3>
          {title}
          {items.length === 0 && options.length > 0 && <span> · {options.join(" / ")}</span>}
        </h3>
        {items.length > 0 && <BundleItems items={items} />}
        {onSale && <StockBar left={left} quantity={quantity} />}
        {offer.entry === "queue" && <QueueNote offer={offer} offering={offering} />}
        {offer.policy === "first_paid" && <RaceNote offering={offering} />}
        {isGone && (
          <p class="offer-gone">
            {t("sold_out")}
            {offering === "waiting" && <strong> · {standing(state.value.lines[offer.id]?.place)}</strong>}
          </p>
        )}
        <div class="offer-deal">
          <Price minor={price_minor} currency={currency} wasMinor={was_minor} />
          <BuyButton offer={offer} offering={offering} />
        </div>
      </div>
    </article>
  );
}

/** Where one waits in line. */
function standing(place = 1): string {
  return place === 1 ? t("next_in_line") : t("in_line", { place });
}
