import { Button, Icon } from "@liveshop/ui";
import { standing } from "../console.ts";
import { address } from "../route.ts";
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
            {standing.opens("tariffs") && (
              <a class="button button-soft button-small" href={address({ at: "tariffs" })}>
                {t("tariffs.title")}
              </a>
            )}
            <SearchField label={t("products.search")} catalogue={catalogue} />
            {standing.may("catalogue") && (
              <a
                class="button button-strong button-normal"
                href={address({ at: "new_product" })}
              >
                <Icon name="plus" /> {t("goods.new")}
              </a>
            )}
          </header>
          {products?.length === 0 && (
            <p class="empty">{text ? t("products.no_match", { text }) : t("products.none")}</p>
          )}
          <ul class="products">
            {products?.map((product) => (
              <li key={product.id}>
                <a class="products-open" href={address({ at: "product", product: product.id })}>
                  <ProductSummary product={product} />
                </a>
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
