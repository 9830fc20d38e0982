import type { ProductView, VariantView } from "@liveshop/client";
import { Button, Sheet, unit } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import type { Goods } from "../goods.ts";
import { changeOfVariant, draftOfVariant } from "../productdraft.ts";
import { sentence, t } from "../texts/index.ts";
import { PriceHistoryPart } from "./PriceHistoryPart.tsx";
import { StockPart } from "./StockPart.tsx";
import { VariantFields } from "./VariantFields.tsx";

interface Props {
  readonly goods: Goods;
  readonly product: ProductView;
  readonly variant: VariantView;
  readonly mayEdit: boolean;
  readonly onClose: () => void;
}

/** One variant: what it costs, how many there are, and how both came to be. */
export function VariantSheet({ goods, product, variant, mayEdit, onClose }: Props) {
  const title = variant.options?.join(" · ") || product.title;
  return (
    <Sheet title={title} onClose={onClose}>
      <p class="field-hint goods-sku">
        {t("goods.sku")} <code>{variant.sku}</code>
      </p>
      {mayEdit && <VariantForm goods={goods} variant={variant} />}
      <StockPart goods={goods} variant={variant} />
      <PriceHistoryPart variant={variant} />
    </Sheet>
  );
}

interface FormProps {
  readonly goods: Goods;
  readonly variant: VariantView;
}

function VariantForm({ goods, variant }: FormProps) {
  const digits = Math.round(Math.log10(unit(variant.currency)));
  const [draft, setDraft] = useState(() => draftOfVariant(variant, digits));
  const [standing, setStanding] = useState<"still" | "saving" | "saved" | "failed">("still");
  const checked = changeOfVariant(draft, variant, digits);
  const faults = "faults" in checked ? checked.faults : {};
  const changed = "faults" in checked || Object.keys(checked.value).length > 0;
  const saving = goods.saving.value;
  const refused = standing === "failed" && saving.is === "failed" ? saving : undefined;

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    if ("faults" in checked) return;
    setStanding("saving");
    const kept = await goods.changeVariant(variant.id, checked.value);
    setStanding(kept ? "saved" : "failed");
    const now = goods.product.peek()?.variants.find(({ id }) => id === variant.id);
    if (kept && now !== undefined) setDraft(draftOfVariant(now, digits));
  }

  return (
    <form class="form" onSubmit={submit} noValidate>
      <VariantFields
        draft={draft}
        faults={faults}
        currency={variant.currency}
        digits={digits}
        problem={(path) => (refused?.at === path ? sentence(refused.error) : undefined)}
        onChange={(changes) => {
          setDraft({ ...draft, ...changes });
          setStanding("still");
        }}
      />
      {refused && (
        <p class="form-problem" role="alert">
          {sentence(refused.error)}
        </p>
      )}
      <div class="goods-save">
        <Button type="submit" look="strong" disabled={!changed} busy={standing === "saving"}>
          {t("goods.save")}
        </Button>
        <span class="save-state-good" role="status">
          {standing === "saved" && t("note.saved")}
        </span>
      </div>
    </form>
  );
}
