import type { ProductView, VariantView } from "@liveshop/client";
import { Button, Sheet } from "@liveshop/ui";
import { useState } from "preact/hooks";
import { partOf, withPart, type Parts } from "../bundle.ts";
import { t } from "../texts/index.ts";
import { Choice } from "./Choice.tsx";
import { ProductPicker } from "./ProductPicker.tsx";
import { VariantLabel } from "./VariantLabel.tsx";

interface Props {
  readonly parts: Parts;
  readonly onParts: (parts: Parts) => void;
  readonly onClose: () => void;
}

/** One product more in each unit. It stands outside of the form: it has fields of its own. */
export function AddPart({ parts, onParts, onClose }: Props) {
  const [product, setProduct] = useState<ProductView>();

  function add(from: ProductView, variant: VariantView | undefined) {
    if (variant) onParts(withPart(parts, partOf(from, variant)));
    onClose();
  }

  function pick(picked: ProductView) {
    const [only, ...others] = picked.variants;
    if (others.length > 0) setProduct(picked);
    else add(picked, only);
  }

  return (
    <Sheet title={t("bundle.add")} onClose={onClose}>
      {product === undefined ? (
        <ProductPicker onPick={pick} />
      ) : (
        <div class="form">
          <p class="bundle-of">{product.title}</p>
          <Choice
            legend={t("offer.variant")}
            values={product.variants.map(({ id }) => id)}
            chosen=""
            onChoose={(id) =>
              add(product, product.variants.find((one) => one.id === id))
            }
          >
            {(id) => <VariantLabel variant={product.variants.find((one) => one.id === id)} />}
          </Choice>
          <Button onClick={() => setProduct(undefined)}>{t("offer.change")}</Button>
        </div>
      )}
    </Sheet>
  );
}
