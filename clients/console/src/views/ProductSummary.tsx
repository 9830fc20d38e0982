import type { ProductView } from "@liveshop/client";
import { money, Picture, thumbnail } from "@liveshop/ui";
import { t } from "../texts/index.ts";

interface Props {
  readonly product: ProductView;
}

/** A product in one line: how it looks, what it costs, whether there is any. */
export function ProductSummary({ product }: Props) {
  const { title, status, vendor, variants, pictures = [] } = product;
  const prices = variants.map(({ price_minor }) => price_minor);
  const lowest = Math.min(...prices);
  const price = money(lowest, variants[0]?.currency ?? "USD");
  const varies = prices.some((other) => other !== lowest);
  const stock = variants.reduce((sum, { available }) => sum + available, 0);
  const low = variants.some((variant) => variant.low === true);
  const about = [
    status !== "active" && t(`product.${status}`),
    vendor,
    variants.length > 1 && t("products.options", { count: variants.length }),
  ];
  return (
    <span class="product">
      <Picture class="product-picture" src={thumbnail(pictures[0] ?? variants[0]?.picture)} />
      <span class="product-text">
        <strong>{title}</strong>
        <small>{about.filter(Boolean).join(" · ")}</small>
      </span>
      <span class="product-facts tabular">
        <strong>{varies ? t("products.from", { price }) : price}</strong>
        <small class={stock === 0 || low ? "product-gone" : ""}>
          {stock === 0
            ? t("products.no_stock")
            : t(low ? "products.low_stock" : "products.in_stock", { n: stock })}
        </small>
      </span>
    </span>
  );
}
