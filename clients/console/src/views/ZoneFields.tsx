import { Button, countryName, Field, IconButton } from "@liveshop/ui";
import { NO_OPTION, NO_PLACE, replaced, type OptionDraft, type ZoneDraft } from "../tariffdraft.ts";
import { t } from "../texts/index.ts";
import type { Problem } from "./TariffForm.tsx";

interface Props {
  readonly zone: ZoneDraft;
  /** Its path. */
  readonly at: string;
  readonly problem: Problem;
  /** Nothing: it goes. */
  readonly onChange: (zone: ZoneDraft | undefined) => void;
}

/** Places that the same options lead to. */
export function ZoneFields({ zone, at, problem, onChange }: Props) {
  const { name, places, options } = zone;
  return (
    <fieldset class="tariff-part">
      <legend>{name || t("tariffs.new_zone")}</legend>
      <div class="tariff-line">
        <Field
          label={t("tariffs.zone_name")}
          value={name}
          maxLength={60}
          problem={problem(`${at}.name`)}
          onInput={({ currentTarget }) => onChange({ ...zone, name: currentTarget.value })}
        />
        <IconButton
          icon="trash"
          label={t("tariffs.remove", { name: name || t("tariffs.new_zone") })}
          onClick={() => onChange(undefined)}
        />
      </div>
      {places.map((place, n) => (
        <div class="tariff-line" key={n}>
          <Field
            label={t("tariffs.country")}
            value={place.country}
            maxLength={2}
            class="tariff-country"
            autocomplete="off"
            problem={problem(`${at}.places[${n}].country`)}
            hint={/^[a-z]{2}$/i.test(place.country) ? countryName(place.country) : undefined}
            onInput={({ currentTarget: { value: country } }) =>
              onChange({ ...zone, places: replaced(places, n, { ...place, country }) })
            }
          />
          <Field
            label={t("tariffs.regions")}
            value={place.regions}
            problem={problem(`${at}.places[${n}].regions`)}
            onInput={({ currentTarget: { value: regions } }) =>
              onChange({ ...zone, places: replaced(places, n, { ...place, regions }) })
            }
          />
          <IconButton
            icon="trash"
            label={t("tariffs.remove", { name: place.country || t("tariffs.country") })}
            disabled={places.length === 1}
            onClick={() => onChange({ ...zone, places: replaced(places, n) })}
          />
        </div>
      ))}
      <Button
        size="small"
        icon="plus"
        onClick={() => onChange({ ...zone, places: [...places, NO_PLACE] })}
      >
        {t("tariffs.add_country")}
      </Button>
      {options.map((option, n) => (
        <OptionFields
          key={n}
          option={option}
          at={`${at}.options[${n}]`}
          only={options.length === 1}
          problem={problem}
          onChange={(option) => onChange({ ...zone, options: replaced(options, n, option) })}
        />
      ))}
      {problem(`${at}.options`) && <p class="field-problem">{problem(`${at}.options`)}</p>}
      <Button
        size="small"
        icon="plus"
        onClick={() => onChange({ ...zone, options: [...options, NO_OPTION] })}
      >
        {t("tariffs.add_option")}
      </Button>
    </fieldset>
  );
}

interface OptionProps {
  readonly option: OptionDraft;
  readonly at: string;
  /** A zone without a way to it is none. */
  readonly only: boolean;
  readonly problem: Problem;
  readonly onChange: (option: OptionDraft | undefined) => void;
}

/** The fields of an option beside its name, and what the shop calls them. */
const FACTS = [
  ["price", "price_minor"],
  ["per_kg", "per_kg_minor"],
  ["free_from", "free_from_minor"],
  ["days_min", "days_min"],
  ["days_max", "days_max"],
] as const;

function OptionFields({ option, at, only, problem, onChange }: OptionProps) {
  return (
    <div class="tariff-option" role="group" aria-label={option.name || t("tariffs.option")}>
      <div class="tariff-line">
        <Field
          label={t("tariffs.option")}
          value={option.name}
          maxLength={60}
          problem={problem(`${at}.name`)}
          onInput={({ currentTarget }) => onChange({ ...option, name: currentTarget.value })}
        />
        <IconButton
          icon="trash"
          label={t("tariffs.remove", { name: option.name || t("tariffs.option") })}
          disabled={only}
          onClick={() => onChange(undefined)}
        />
      </div>
      <div class="form-row">
        {FACTS.map(([key, field]) => (
          <Field
            key={key}
            label={t(`tariffs.${key}`)}
            inputMode={key.startsWith("days") ? "numeric" : "decimal"}
            value={option[key]}
            problem={problem(`${at}.${field}`)}
            onInput={({ currentTarget }) => onChange({ ...option, [key]: currentTarget.value })}
          />
        ))}
      </div>
    </div>
  );
}
