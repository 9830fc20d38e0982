import type { OfferView, ProductView } from "@liveshop/client";
import { Sheet } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
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
  useEffect(() => {
    if (again === undefined) return;
    shop.product(again.product).then(setProduct, (error: unknown) => {
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
          onChange={() => setProduct("none")}
          onDone={onClose}
        />
      )}
    </Sheet>
  );
}
