import type { ProductView } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import { standing } from "../console.ts";
import { address } from "../route.ts";
import { t } from "../texts/index.ts";
import { ProductSummary } from "./ProductSummary.tsx";
import { SearchField } from "./SearchField.tsx";
import { useCatalogue } from "./useCatalogue.ts";

interface Props {
  readonly onPick: (product: ProductView) => void;
}

export function ProductPicker({ onPick }: Props) {
  const catalogue = useCatalogue();
  const products = catalogue.products.value;
  const searched = catalogue.text.value.trim() !== "";
  return (
    <div class="picker">
      <SearchField label={t("offer.find")} catalogue={catalogue} autofocus />
      {products?.length === 0 && (
        <div class="empty">
          <p>{t(searched ? "offer.none" : "offer.no_products")}</p>
          {!searched && standing.may("catalogue") && (
            <a class="button button-strong button-normal" href={address({ at: "products" })}>
              {t("offer.import")}
            </a>
          )}
        </div>
      )}
      <ul>
        {products?.map((product) => (
          <li key={product.id}>
            <button type="button" class="picker-product" onClick={() => onPick(product)}>
              <ProductSummary product={product} />
            </button>
          </li>
        ))}
      </ul>
      {catalogue.hasMore.value && (
        <Button look="plain" wide busy={catalogue.busy.value} onClick={() => catalogue.more()}>
          {t("more")}
        </Button>
      )}
    </div>
  );
}
