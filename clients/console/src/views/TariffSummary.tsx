import type { ShippingOption, Tariff, TaxRule, Zone } from "@liveshop/client";
import { countryName, money } from "@liveshop/ui";
import { t } from "../texts/index.ts";

interface Props {
  readonly tariff: Tariff;
}

/** A tariff in words: where parcels go, by which ways and for how much, and which taxes there are. */
export function TariffSummary({ tariff: { currency, zones = [], taxes = [] } }: Props) {
  return (
    <div class="tariff-summary">
      {zones.length === 0 && <p>{t("tariffs.no_zones")}</p>}
      {zones.map((zone) => (
        <section key={zone.name}>
          <h3>{zone.name}</h3>
          <p>{placesOf(zone)}</p>
          <ul>
            {zone.options.map((option) => (
              <li key={option.id}>
                <span>{option.name}</span>
                <span class="tabular">{costOf(option, currency)}</span>
              </li>
            ))}
          </ul>
        </section>
      ))}
      {taxes.length > 0 && (
        <section>
          <h3>{t("tariffs.taxes")}</h3>
          <ul>
            {taxes.map((rule, n) => (
              <li key={n}>
                <span>{forWhat(rule)}</span>
                <span class="tabular">
                  {t(rule.included ? "tariffs.rate_included" : "tariffs.rate_on_top", {
                    rate: rule.rate_bp / 100,
                  })}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function placesOf({ places }: Zone): string {
  return places
    .map(({ country, regions = [] }) =>
      regions.length === 0
        ? countryName(country)
        : `${countryName(country)} (${regions.join(", ")})`,
    )
    .join(" · ");
}

function costOf(option: ShippingOption, currency: string): string {
  const { price_minor, per_kg_minor = 0, free_from_minor, days_min, days_max } = option;
  const facts = [
    price_minor === 0 && per_kg_minor === 0 ? t("tariffs.free") : money(price_minor, currency),
    per_kg_minor > 0 && t("tariffs.a_kg", { sum: money(per_kg_minor, currency) }),
    free_from_minor !== undefined &&
      t("tariffs.free_above", { sum: money(free_from_minor, currency) }),
    days_max !== undefined && t("tariffs.days", { min: days_min ?? 0, max: days_max }),
  ];
  return facts.filter(Boolean).join(" · ");
}

function forWhat({ name, country, region, kind }: TaxRule): string {
  return [name, countryName(country), region, kind].filter(Boolean).join(" · ");
}
