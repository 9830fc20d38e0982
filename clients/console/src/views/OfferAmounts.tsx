import type { VariantView } from "@liveshop/client";
import { Field, money } from "@liveshop/ui";
import type { Faults, OfferDraft } from "../offerdraft.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly draft: OfferDraft;
  readonly variant: VariantView;
  readonly faults: Faults;
  /** Decimals of the currency. */
  readonly digits: number;
  readonly onChange: (changes: Partial<OfferDraft>) => void;
}

/** At which price, how many, and how many for one buyer. */
export function OfferAmounts({ draft, variant, faults, digits, onChange }: Props) {
  function said(field: keyof Faults): string | undefined {
    const fault = faults[field];
    const example = (12.5).toFixed(digits);
    return fault && t(`fault.${fault}`, { example, n: variant.available });
  }
  return (
    <div class="form-row">
      <Field
        label={t("offer.price")}
        inputMode="decimal"
        value={draft.price}
        problem={said("price")}
        hint={t("offer.usually", { price: money(variant.price_minor, variant.currency) })}
        onInput={({ currentTarget }) => onChange({ price: currentTarget.value })}
      />
      <Field
        label={t("offer.quantity")}
        inputMode="numeric"
        value={draft.quantity}
        problem={said("quantity")}
        hint={t("offer.in_stock", { n: variant.available })}
        onInput={({ currentTarget }) => onChange({ quantity: currentTarget.value })}
      />
      <Field
        label={t("offer.limit")}
        inputMode="numeric"
        value={draft.limit}
        problem={said("limit")}
        onInput={({ currentTarget }) => onChange({ limit: currentTarget.value })}
      />
    </div>
  );
}
