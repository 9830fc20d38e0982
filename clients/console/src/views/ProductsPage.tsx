import { Button } from "@liveshop/ui";
import { standing } from "../console.ts";
import { t } from "../texts/index.ts";
import { ImportPanel } from "./ImportPanel.tsx";
import { ProductSummary } from "./ProductSummary.tsx";
import { SearchField } from "./SearchField.tsx";
import { TopBar } from "./TopBar.tsx";
import { useCatalogue } from "./useCatalogue.ts";
import "../style/products.css";

export function ProductsPage() {
  const catalogue = useCatalogue();
  const products = catalogue.products.value;
  const text = catalogue.text.value.trim();
  return (
    <>
      <TopBar at="products" />
      <main class="page page-products">
        <section>
          <header class="page-head">
            <h1>{t("products")}</h1>
            <SearchField label={t("products.search")} catalogue={catalogue} />
          </header>
          {products?.length === 0 && (
            <p class="empty">{text ? t("products.no_match", { text }) : t("products.none")}</p>
          )}
          <ul class="products">
            {products?.map((product) => (
              <li key={product.id}>
                <ProductSummary product={product} />
              </li>
            ))}
          </ul>
          {catalogue.hasMore.value && (
            <Button look="soft" wide busy={catalogue.busy.value} onClick={() => catalogue.more()}>
              {t("more")}
            </Button>
          )}
        </section>
        {standing.may("catalogue") && <ImportPanel onImported={() => catalogue.refresh()} />}
      </main>
    </>
  );
}
