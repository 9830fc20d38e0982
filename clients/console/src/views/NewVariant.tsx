import type { ProductView } from "@liveshop/client";
import { Button, Sheet, unit } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import type { Goods } from "../goods.ts";
import { emptyVariant, newVariantOf, type VariantDraft } from "../productdraft.ts";
import { sentence, t } from "../texts/index.ts";
import { VariantFields } from "./VariantFields.tsx";

interface Props {
  readonly goods: Goods;
  readonly product: ProductView;
  readonly onClose: () => void;
}

/** One more variant of a product that has options. */
export function NewVariant({ goods, product, onClose }: Props) {
  const { options = [], variants } = product;
  const currency = variants[0]?.currency ?? "USD";
  const digits = Math.round(Math.log10(unit(currency)));
  const [draft, setDraft] = useState<VariantDraft>(emptyVariant);
  const [tried, setTried] = useState(false);
  const [sent, setSent] = useState(false);
  const checked = newVariantOf(draft, options.length, currency, digits);
  const saving = goods.saving.value;
  const refused = sent && saving.is === "failed" ? saving : undefined;

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    setTried(true);
    if ("faults" in checked) return;
    setSent(true);
    if (await goods.addVariant(checked.value)) onClose();
  }

  return (
    <Sheet title={t("goods.new_variant")} onClose={onClose}>
      <form class="form" onSubmit={submit} noValidate>
        <VariantFields
          draft={draft}
          faults={tried && "faults" in checked ? checked.faults : {}}
          currency={currency}
          digits={digits}
          options={options}
          problem={(path) => (refused?.at === path ? sentence(refused.error) : undefined)}
          onChange={(changes) => setDraft({ ...draft, ...changes })}
        />
        {refused && (
          <p class="form-problem" role="alert">
            {sentence(refused.error)}
          </p>
        )}
        <Button type="submit" look="strong" wide busy={sent && saving.is === "saving"}>
          {t("goods.add_variant")}
        </Button>
      </form>
    </Sheet>
  );
}
