import { Button, Icon } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
import { shop, standing } from "../console.ts";
import { goodsOf } from "../goods.ts";
import { address } from "../route.ts";
import { sentence, t } from "../texts/index.ts";
import { PictureList } from "./PictureList.tsx";
import { ProductDetails } from "./ProductDetails.tsx";
import { SaveState } from "./SaveState.tsx";
import { TopBar } from "./TopBar.tsx";
import { VariantList } from "./VariantList.tsx";
import "../style/goods.css";
import "../style/import.css";
import "../style/products.css";

interface Props {
  readonly id: string;
}

/** Everything about one product. */
export function ProductPage({ id }: Props) {
  const [goods] = useState(() => goodsOf(id, shop));
  useEffect(() => void goods.read(), []);
  const product = goods.product.value;
  const saving = goods.saving.value;
  const mayEdit = standing.may("catalogue");
  return (
    <>
      <TopBar at="product" />
      <main class="page goods">
        <a class="goods-back" href={address({ at: "products" })}>
          <Icon name="chevron" /> {t("products")}
        </a>
        {product === null && saving.is !== "failed" && <p role="status">{t("loading")}</p>}
        {product === null && saving.is === "failed" && (
          <div class="empty" role="alert">
            <p>{sentence(saving.error)}</p>
            <Button onClick={() => goods.read()}>{t("try_again")}</Button>
          </div>
        )}
        {product && (
          <>
            <header class="goods-title">
              <h1>{product.title}</h1>
              {product.status !== "active" && (
                <span class="chip">{t(`product.${product.status}`)}</span>
              )}
              <SaveState saving={saving} />
            </header>
            <div class="goods-columns">
              <ProductDetails goods={goods} product={product} mayEdit={mayEdit} />
              <div class="goods-column">
                <PictureList goods={goods} product={product} mayEdit={mayEdit} />
                <VariantList goods={goods} product={product} mayEdit={mayEdit} />
              </div>
            </div>
          </>
        )}
      </main>
    </>
  );
}
