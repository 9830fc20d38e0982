import type { ProductView, VariantView } from "@liveshop/client";
import { Button, Icon, money, Picture, thumbnail } from "@liveshop/ui";
import { useState } from "preact/hooks";
import type { Goods } from "../goods.ts";
import { t } from "../texts/index.ts";
import { NewVariant } from "./NewVariant.tsx";
import { VariantSheet } from "./VariantSheet.tsx";

interface Props {
  readonly goods: Goods;
  readonly product: ProductView;
  readonly mayEdit: boolean;
}

export function VariantList({ goods, product, mayEdit }: Props) {
  const { variants, options = [], pictures = [] } = product;
  const [open, setOpen] = useState<string>();
  const [adding, setAdding] = useState(false);
  const opened = variants.find(({ id }) => id === open);
  return (
    <section class="panel goods-part" aria-labelledby="goods-variants">
      <header class="goods-head">
        <h2 id="goods-variants">{t("goods.variants")}</h2>
        {options.length > 0 && <span class="field-hint">{options.join(" · ")}</span>}
        {mayEdit && options.length > 0 && (
          <Button size="small" icon="plus" onClick={() => setAdding(true)}>
            {t("goods.add_variant")}
          </Button>
        )}
      </header>
      <ul class="goods-variants">
        {variants.map((variant) => (
          <li key={variant.id}>
            <button type="button" class="goods-variant" onClick={() => setOpen(variant.id)}>
              <Picture class="product-picture" src={thumbnail(variant.picture ?? pictures[0])} />
              <span class="product-text">
                <strong>{variant.options?.join(" · ") || product.title}</strong>
                <small>{variant.sku}</small>
              </span>
              <VariantFacts variant={variant} />
              <Icon name="chevron" />
            </button>
          </li>
        ))}
      </ul>
      {opened && (
        <VariantSheet
          goods={goods}
          product={product}
          variant={opened}
          mayEdit={mayEdit}
          onClose={() => setOpen(undefined)}
        />
      )}
      {adding && <NewVariant goods={goods} product={product} onClose={() => setAdding(false)} />}
    </section>
  );
}

function VariantFacts({ variant }: { readonly variant: VariantView }) {
  const { price_minor, was_minor, currency, available, low = false } = variant;
  return (
    <span class="product-facts tabular">
      <strong>
        {was_minor !== undefined && <s>{money(was_minor, currency)}</s>}{" "}
        {money(price_minor, currency)}
      </strong>
      <small class={available === 0 || low ? "product-gone" : ""}>
        {available === 0 ? t("products.no_stock") : t("products.in_stock", { n: available })}
      </small>
    </span>
  );
}
