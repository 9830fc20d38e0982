import type { OfferView, ProductView } from "@liveshop/client";
import { Sheet } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
import { partOf, type Part } from "../bundle.ts";
import { report, shop } from "../console.ts";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { OfferForm } from "./OfferForm.tsx";
import { ProductPicker } from "./ProductPicker.tsx";
import "../style/offer.css";

interface Props {
  readonly desk: Desk;
  /** The offer that is to be made once more; without one, a product is picked first. */
  readonly again: OfferView | undefined;
  readonly onClose: () => void;
}

/** Pick a product, then say at which price and how many. */
export function AddOffer({ desk, again, onClose }: Props) {
  const [product, setProduct] = useState<ProductView | "none" | "loading">(
    again ? "loading" : "none",
  );
  const [others, setOthers] = useState<readonly Part[]>([]);
  useEffect(() => {
    if (again === undefined) return;
    const read = async () => {
      const first = await shop.product(again.product);
      setOthers(await othersIn(again));
      setProduct(first);
    };
    read().catch((error: unknown) => {
      report(error);
      setProduct("none");
    });
  }, [again]);
  return (
    <Sheet title={t("offer.title")} onClose={onClose}>
      {product === "loading" ? (
        <p role="status">{t("loading")}</p>
      ) : product === "none" ? (
        <ProductPicker onPick={setProduct} />
      ) : (
        <OfferForm
          key={product.id}
          desk={desk}
          product={product}
          again={again?.product === product.id ? again : undefined}
          others={again?.product === product.id ? others : []}
          onChange={() => setProduct("none")}
          onDone={onClose}
        />
      )}
    </Sheet>
  );
}

/** What is in a bundle beside its first variant, as the shop has it now; what is gone is left out. */
async function othersIn({ variant, items = [] }: OfferView): Promise<readonly Part[]> {
  const parts = items
    .filter((item) => item.variant !== variant)
    .map(async ({ variant, title, count }) => {
      const { products } = await shop.products(title);
      return products.flatMap((product) =>
        product.variants
          .filter(({ id }) => id === variant)
          .map((found) => partOf(product, found, count)),
      );
    });
  return (await Promise.all(parts)).flat();
}
