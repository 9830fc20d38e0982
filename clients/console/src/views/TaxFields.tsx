import { Field, IconButton } from "@liveshop/ui";
import type { TaxDraft } from "../tariffdraft.ts";
import { t } from "../texts/index.ts";
import type { Problem } from "./TariffForm.tsx";

interface Props {
  readonly rule: TaxDraft;
  readonly at: string;
  readonly problem: Problem;
  /** Nothing: it goes. */
  readonly onChange: (rule: TaxDraft | undefined) => void;
}

const FACTS = [
  ["rate", "rate_bp"],
  ["country", "country"],
  ["region", "region"],
  ["kind", "kind"],
] as const;

const SWITCHES = ["included", "on_shipping"] as const;

/** A tax on what goes to a country, or a part of it. */
export function TaxFields({ rule, at, problem, onChange }: Props) {
  return (
    <fieldset class="tariff-part">
      <legend>{rule.name || t("tariffs.new_tax")}</legend>
      <div class="tariff-line">
        <Field
          label={t("tariffs.tax_name")}
          value={rule.name}
          maxLength={60}
          problem={problem(`${at}.name`)}
          onInput={({ currentTarget }) => onChange({ ...rule, name: currentTarget.value })}
        />
        <IconButton
          icon="trash"
          label={t("tariffs.remove", { name: rule.name || t("tariffs.new_tax") })}
          onClick={() => onChange(undefined)}
        />
      </div>
      <div class="form-row">
        {FACTS.map(([key, field]) => (
          <Field
            key={key}
            label={t(`tariffs.${key}`)}
            value={rule[key]}
            inputMode={key === "rate" ? "decimal" : "text"}
            {...(key === "country" && { maxLength: 2 })}
            problem={problem(`${at}.${field}`)}
            onInput={({ currentTarget }) => onChange({ ...rule, [key]: currentTarget.value })}
          />
        ))}
      </div>
      {SWITCHES.map((key) => (
        <label class="tariff-switch" key={key}>
          <input
            type="checkbox"
            checked={rule[key]}
            onChange={({ currentTarget }) => onChange({ ...rule, [key]: currentTarget.checked })}
          />
          {t(`tariffs.${key}`)}
        </label>
      ))}
    </fieldset>
  );
}
