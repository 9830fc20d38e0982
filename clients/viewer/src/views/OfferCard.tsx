import type { OfferView } from "@liveshop/client";
import { Countdown, Icon, Picture, Price, StockBar, thumbnail } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { useOffering } from "../useOffering.ts";
import { t } from "../words/index.ts";
import { BundleItems } from "./BundleItems.tsx";
import { BuyButton } from "./BuyButton.tsx";
import { QueueNote } from "./QueueNote.tsx";
import { RaceNote } from "./RaceNote.tsx";
import "./OfferCard.css";

interface Props {
  readonly offer: OfferView;
  readonly pinned?: boolean;
}

/** An offer with its picture, its price and what can be done with it now. */
export function OfferCard({ offer, pinned = false }: Props) {
  const offering = useOffering(offer);
  const { click } = useLive();
  const { title, picture, left, quantity, price_minor, was_minor, currency } = offer;
  const { options = [], items = [] } = offer;
  const onSale = offering === "buy" || offering === "buy_another";
  // Where there is no line to join, the button says so.
  const isGone = (offering === "sold_out" && offer.policy !== "first_paid") || offering === "waiting";
  return (
    <article class={`offer-card offer-${offering}`} onClick={() => click(offer)}>
      <Picture src={thumbnail(picture)} class="offer-picture" />
      <div class="offer-facts">
        <OfferTags offer={offer} pinned={pinned} onSale={onSale} />
        <h3>
          {title}
          {items.length === 0 && options.length > 0 && <span> · {options.join(" / ")}</span>}
        </h3>
        {items.length > 0 && <BundleItems items={items} />}
        {onSale && <StockBar left={left} quantity={quantity} />}
        {offer.entry === "queue" && <QueueNote offer={offer} offering={offering} />}
        {offer.policy === "first_paid" && <RaceNote offering={offering} />}
        {isGone && <p class="offer-gone">{t("sold_out")}</p>}
        <div class="offer-deal">
          <Price minor={price_minor} currency={currency} wasMinor={was_minor} />
          <BuyButton offer={offer} offering={offering} />
        </div>
      </div>
    </article>
  );
}

interface TagsProps {
  readonly offer: OfferView;
  readonly pinned: boolean;
  readonly onSale: boolean;
}

/** What is particular about an offer; nothing for what is sold every day. */
function OfferTags({ offer, pinned, onSale }: TagsProps) {
  const { kind, limit_per_buyer, closes_at } = offer;
  if (kind === "everyday" && !pinned) return null;
  return (
    <p class="offer-tags">
      {kind === "flash" && (
        <span class="offer-flash">
          <Icon name="bolt" solid />
          {t("flash")}
        </span>
      )}
      {kind === "everyday" && pinned && <span>{t("on_screen")}</span>}
      {kind === "flash" && onSale && closes_at !== undefined ? (
        <span>
          {t("ends_in")} <Countdown key={closes_at} to={closes_at} />
        </span>
      ) : (
        kind === "flash" && <span>{t("limit", { count: limit_per_buyer })}</span>
      )}
    </p>
  );
}
