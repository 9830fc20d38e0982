import { Button, Field } from "@liveshop/ui";
import { NO_TAX, NO_ZONE, replaced, type TariffDraft } from "../tariffdraft.ts";
import { t } from "../texts/index.ts";
import { TaxFields } from "./TaxFields.tsx";
import { ZoneFields } from "./ZoneFields.tsx";

/** What is wrong at a path, in words. */
export type Problem = (path: string) => string | undefined;

interface Props {
  readonly draft: TariffDraft;
  readonly problem: Problem;
  readonly onChange: (draft: TariffDraft) => void;
}

/** The zones with their ways to send a parcel, and the taxes; the first that fits holds. */
export function TariffForm({ draft, problem, onChange }: Props) {
  const { zones, taxes } = draft;
  return (
    <>
      <Field
        label={t("tariffs.currency")}
        value={draft.currency}
        maxLength={3}
        class="tariff-currency"
        autocomplete="off"
        problem={problem("$.currency")}
        onInput={({ currentTarget }) => onChange({ ...draft, currency: currentTarget.value })}
      />
      {zones.map((zone, n) => (
        <ZoneFields
          key={n}
          zone={zone}
          at={`$.zones[${n}]`}
          problem={problem}
          onChange={(zone) => onChange({ ...draft, zones: replaced(zones, n, zone) })}
        />
      ))}
      {problem("$.zones") && (
        <p class="field-problem" role="alert">
          {problem("$.zones")}
        </p>
      )}
      <Button icon="plus" onClick={() => onChange({ ...draft, zones: [...zones, NO_ZONE] })}>
        {t("tariffs.add_zone")}
      </Button>
      {taxes.map((rule, n) => (
        <TaxFields
          key={n}
          rule={rule}
          at={`$.taxes[${n}]`}
          problem={problem}
          onChange={(rule) => onChange({ ...draft, taxes: replaced(taxes, n, rule) })}
        />
      ))}
      <Button icon="plus" onClick={() => onChange({ ...draft, taxes: [...taxes, NO_TAX] })}>
        {t("tariffs.add_tax")}
      </Button>
    </>
  );
}
