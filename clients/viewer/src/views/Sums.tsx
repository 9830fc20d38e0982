import type { Quote } from "@liveshop/client";
import { money } from "@liveshop/ui";
import { t } from "../words/index.ts";

interface Props {
  readonly quote: Quote;
}

/** The shop's own sums, as they will be charged. */
export function Sums({ quote }: Props) {
  const { currency } = quote;
  const discount = quote.discount_minor ?? 0;
  const delivered = quote.option !== undefined;
  return (
    <dl class="sums tabular">
      {(delivered || discount > 0) && (
        <>
          <dt>{t("sum_goods")}</dt>
          <dd>{money(quote.goods_minor, currency)}</dd>
        </>
      )}
      {discount > 0 && (
        <>
          <dt>{t("sum_discount", { code: quote.coupon ?? "" })}</dt>
          <dd class="sums-off">−{money(discount, currency)}</dd>
        </>
      )}
      {delivered && (
        <>
          <dt>{t("sum_shipping")}</dt>
          <dd>
            {quote.shipping_minor === 0 ? t("free") : money(quote.shipping_minor, currency)}
          </dd>
        </>
      )}
      {quote.tax_minor > 0 && (
        <>
          <dt>{t("sum_tax")}</dt>
          <dd>{money(quote.tax_minor, currency)}</dd>
        </>
      )}
      <dt class="sums-total">{t("sum_total")}</dt>
      <dd class="sums-total">{money(quote.total_minor, currency)}</dd>
      {quote.tax_included_minor > 0 && (
        <dd class="sums-note">
          {t("sum_tax_included", { tax: money(quote.tax_included_minor, currency) })}
        </dd>
      )}
    </dl>
  );
}
