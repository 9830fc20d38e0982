import type { ProductView } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Goods } from "../goods.ts";
import { changeOfProduct, draftOfProduct, type ProductDraft } from "../productdraft.ts";
import { sentence, t } from "../texts/index.ts";
import { ProductFields } from "./ProductFields.tsx";

interface Props {
  readonly goods: Goods;
  readonly product: ProductView;
  readonly mayEdit: boolean;
}

export function ProductDetails({ goods, product, mayEdit }: Props) {
  const [draft, setDraft] = useState(() => draftOfProduct(product));
  // Nobody is asked whether to leave who has changed nothing.
  const changed = Object.keys(changeOfProduct(draft, product)).length > 0;
  const saving = goods.saving.value;
  useEffect(() => {
    if (!changed) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [changed]);

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const change = changeOfProduct(draft, product);
    if (!(await goods.change(change))) return;
    // What was typed meanwhile stays, and so does what somebody else changed.
    const now = goods.product.peek();
    if (now === null) return;
    setDraft((typed) => {
      const kept = draftOfProduct(now);
      const touched = (field: keyof ProductDraft) => typed[field] !== draft[field];
      return {
        ...kept,
        ...Object.fromEntries(
          (Object.keys(kept) as (keyof ProductDraft)[])
            .filter(touched)
            .map((field) => [field, typed[field]]),
        ),
      };
    });
  }

  const problem = (path: string) =>
    saving.is === "failed" && saving.at?.startsWith(path) ? sentence(saving.error) : undefined;

  return (
    <section class="panel goods-part" aria-labelledby="goods-details">
      <h2 id="goods-details">{t("goods.details")}</h2>
      <form onSubmit={submit}>
        <fieldset class="form goods-fields" disabled={!mayEdit}>
          <ProductFields
            draft={draft}
            problem={problem}
            onChange={(changes) => setDraft({ ...draft, ...changes })}
          />
          {mayEdit && (
            <Button
              type="submit"
              look="strong"
              disabled={!changed}
              busy={changed && saving.is === "saving"}
            >
              {t("goods.save")}
            </Button>
          )}
        </fieldset>
      </form>
    </section>
  );
}
