import { compact, Icon, LiveBadge, Picture, Price, StockBar } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { percentOff } from "../selling.ts";
import { t } from "../texts/index.ts";
import { PhaseChip } from "./PhaseChip.tsx";

/** Enough to follow what people talk about. */
const LINES_SHOWN = 3;

interface Props {
  readonly desk: Desk;
}

/** The viewers' screen in small: the pinned card as they see it now. */
export function Preview({ desk }: Props) {
  const { show, viewers, pinned, chat } = desk.room.value;
  const offer = desk.offers.value.find(({ id }) => id === pinned);
  const off = offer ? percentOff(offer) : 0;
  return (
    <div class="preview on-stage">
      {offer && <Picture key={offer.id} class="preview-backdrop" src={offer.picture} />}
      <header class="preview-head">
        {show?.state === "live" && <LiveBadge />}
        <span class="preview-viewers tabular">
          <Icon name="people" />
          {compact(viewers)}
        </span>
      </header>
      <ul class="preview-chat" aria-hidden="true">
        {chat.slice(-LINES_SHOWN).map(({ id, from, text }) => (
          <li key={id}>
            <b>{from.name}</b> {text}
          </li>
        ))}
      </ul>
      {offer ? (
        <article key={offer.id} class="preview-card">
          <Picture class="preview-picture" src={offer.picture} />
          <div class="preview-text">
            <h3>{offer.title}</h3>
            {offer.items ? (
              <p>{offer.items.map(({ title, count = 1 }) => `${count} × ${title}`).join(" · ")}</p>
            ) : (
              offer.options && <p>{offer.options.join(" · ")}</p>
            )}
            <div class="preview-price">
              <Price
                minor={offer.price_minor}
                currency={offer.currency}
                wasMinor={offer.was_minor}
              />
              {off > 0 && <span class="preview-off">{t("screen.percent_off", { n: off })}</span>}
            </div>
            <StockBar left={offer.left} quantity={offer.quantity} />
            <PhaseChip offer={offer} />
          </div>
        </article>
      ) : (
        <div class="preview-nothing">
          <Icon name="pin" />
          <p>{t("screen.nothing")}</p>
          <small>{t("screen.nothing_hint")}</small>
        </div>
      )}
    </div>
  );
}
