import type { PriceHistory, VariantView } from "@liveshop/client";
import { dayAndTime, money } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
import { report, shop } from "../console.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly variant: VariantView;
}

/** What was asked in the last 30 days, and the lowest of it: a flash price has to be below that. */
export function PriceHistoryPart({ variant }: Props) {
  const [history, setHistory] = useState<PriceHistory>();
  const { id, price_minor, was_minor } = variant;
  useEffect(() => void shop.prices(id).then(setHistory, report), [id, price_minor, was_minor]);
  if (history === undefined) return null;
  const { prices, lowest_minor } = history;
  return (
    <section class="goods-section" aria-labelledby="goods-prices">
      <h3 id="goods-prices">{t("goods.prices")}</h3>
      {lowest_minor !== undefined && (
        <p class="goods-lowest">
          {t("goods.lowest", { price: money(lowest_minor, variant.currency) })}
        </p>
      )}
      <ul class="goods-movements">
        {prices.map((price) => (
          <li key={`${price.since} ${price.offer ?? ""}`}>
            <strong class="tabular">{money(price.minor, price.currency)}</strong>
            <span>{t(price.offer === undefined ? "goods.in_shop" : "goods.in_offer")}</span>
            <time>
              {price.until === undefined
                ? t("goods.since", { when: dayAndTime(price.since) })
                : t("goods.until", { when: dayAndTime(price.until) })}
            </time>
          </li>
        ))}
      </ul>
    </section>
  );
}
