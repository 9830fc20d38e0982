import type { OfferSummary } from "@liveshop/client";
import { money } from "@liveshop/ui";
import { number, t } from "../texts/index.ts";

interface Props {
  readonly offers: readonly OfferSummary[];
}

/** Product by product, in the order of the bag. */
export function SummaryTable({ offers }: Props) {
  return (
    <section class="panel summary-products" aria-labelledby="products-title">
      <h2 id="products-title">{t("summary.by_product")}</h2>
      {offers.length === 0 ? (
        <p class="empty">{t("summary.no_products")}</p>
      ) : (
        <div class="summary-scroll" tabIndex={0} role="group" aria-labelledby="products-title">
          <table>
            <thead>
              <tr>
                {(["product", "price", "clicks", "orders", "units", "takings", "conversion"] as const).map(
                  (name) => (
                    <th key={name} scope="col">
                      {t(`summary.${name}`)}
                    </th>
                  ),
                )}
              </tr>
            </thead>
            <tbody>
              {offers.map((offer) => (
                <Row key={offer.offer} offer={offer} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ offer }: { readonly offer: OfferSummary }) {
  const { title, options = [], currency, clicks, paid } = offer;
  const takings = offer.captured_minor - offer.refunded_minor;
  return (
    <tr>
      <th scope="row">
        {title}
        {options.length > 0 && <small>{options.join(" · ")}</small>}
      </th>
      <td class="tabular">{money(offer.price_minor, currency)}</td>
      <td class="tabular">{number(clicks)}</td>
      <td class="tabular">{number(offer.orders)}</td>
      <td class="tabular">
        {t("summary.units_of", { n: number(offer.units), of: number(offer.quantity) })}
      </td>
      <td class="tabular">{money(takings, currency)}</td>
      <td class="tabular">
        {clicks > 0 ? t("chart.percent", { n: Math.round((paid / clicks) * 100) }) : "–"}
      </td>
    </tr>
  );
}
