import { Field, money } from "@liveshop/ui";
import { availableOf, priceOf, type Parts } from "../bundle.ts";
import type { Faults, OfferDraft } from "../offerdraft.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly draft: OfferDraft;
  readonly parts: Parts;
  readonly faults: Faults;
  /** Decimals of the currency. */
  readonly digits: number;
  readonly onChange: (changes: Partial<OfferDraft>) => void;
}

/** At which price, how many, and how many for one buyer. */
export function OfferAmounts({ draft, parts, faults, digits, onChange }: Props) {
  const available = availableOf(parts);
  const usually = money(priceOf(parts), parts[0].variant.currency);
  function said(field: keyof Faults): string | undefined {
    const fault = faults[field];
    const example = (12.5).toFixed(digits);
    return fault && t(`fault.${fault}`, { example, n: available });
  }
  return (
    <div class="form-row">
      <Field
        label={t("offer.price")}
        inputMode="decimal"
        value={draft.price}
        problem={said("price")}
        hint={t("offer.usually", { price: usually })}
        onInput={({ currentTarget }) => onChange({ price: currentTarget.value })}
      />
      <Field
        label={t("offer.quantity")}
        inputMode="numeric"
        value={draft.quantity}
        problem={said("quantity")}
        hint={t("offer.in_stock", { n: available })}
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
