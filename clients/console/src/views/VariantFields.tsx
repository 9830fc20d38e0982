import { Field } from "@liveshop/ui";
import type { Faults, VariantDraft } from "../productdraft.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly draft: VariantDraft;
  readonly faults: Faults;
  readonly currency: string;
  /** Decimals of the currency. */
  readonly digits: number;
  /** The product's options, where the variant is new; a variant keeps its own for good. */
  readonly options?: readonly string[];
  /** What the server refused, by its path. */
  readonly problem: (path: string) => string | undefined;
  readonly onChange: (changes: Partial<VariantDraft>) => void;
}

/** A variant's values: of a new one all, of one that is there what may change. */
export function VariantFields(props: Props) {
  const { draft, faults, currency, digits, options, problem, onChange } = props;
  const said = (field: keyof VariantDraft, path: string) => {
    const fault = faults[field];
    return fault
      ? t(`goods.fault_${fault}`, { example: (12.5).toFixed(digits) })
      : problem(path);
  };
  return (
    <>
      {options !== undefined && (
        <div class="form-row">
          <Field
            label={t("goods.sku")}
            value={draft.sku}
            maxLength={64}
            autocomplete="off"
            problem={said("sku", "$.sku")}
            onInput={({ currentTarget }) => onChange({ sku: currentTarget.value })}
          />
          {options.map((name, n) => (
            <Field
              key={name}
              label={name}
              value={draft.options[n] ?? ""}
              maxLength={255}
              problem={
                (draft.options[n] ?? "").trim() === "" ? said("options", "$.options") : problem("$.options")
              }
              onInput={({ currentTarget }) =>
                onChange({
                  options: options.map((_, at) =>
                    at === n ? currentTarget.value : (draft.options[at] ?? ""),
                  ),
                })
              }
            />
          ))}
        </div>
      )}
      <div class="form-row">
        <Field
          label={t("goods.price", { currency })}
          inputMode="decimal"
          value={draft.price}
          problem={said("price", "$.price_minor")}
          onInput={({ currentTarget }) => onChange({ price: currentTarget.value })}
        />
        <Field
          label={t("goods.was", { currency })}
          inputMode="decimal"
          value={draft.was}
          problem={said("was", "$.was_minor")}
          onInput={({ currentTarget }) => onChange({ was: currentTarget.value })}
        />
      </div>
      <div class="form-row">
        {options !== undefined && (
          <Field
            label={t("goods.in_warehouse")}
            inputMode="numeric"
            value={draft.available}
            problem={said("available", "$.available")}
            onInput={({ currentTarget }) => onChange({ available: currentTarget.value })}
          />
        )}
        <Field
          label={t("goods.grams")}
          inputMode="numeric"
          value={draft.grams}
          problem={said("grams", "$.grams")}
          onInput={({ currentTarget }) => onChange({ grams: currentTarget.value })}
        />
        {options === undefined && (
          <Field
            label={t("goods.alert")}
            inputMode="numeric"
            value={draft.alert}
            problem={said("alert", "$.alert_at")}
            onInput={({ currentTarget }) => onChange({ alert: currentTarget.value })}
          />
        )}
      </div>
    </>
  );
}
