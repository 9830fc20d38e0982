/**
 * A tariff as it is being filled in: text as it was typed, and what is wrong with it by the path
 * that the shop would name, so that a field asks one place, whoever refused it. Pure.
 */
import type { ShippingOption, Tariff, TaxRule, Zone } from "@liveshop/client";
import { minorOf } from "./offerdraft.ts";

export interface OptionDraft {
  readonly id: string;
  readonly name: string;
  readonly price: string;
  readonly per_kg: string;
  readonly free_from: string;
  readonly days_min: string;
  readonly days_max: string;
}

export interface PlaceDraft {
  readonly country: string;
  /** With commas between them; empty is the whole country. */
  readonly regions: string;
}

export interface ZoneDraft {
  readonly name: string;
  readonly places: readonly PlaceDraft[];
  readonly options: readonly OptionDraft[];
}

export interface TaxDraft {
  readonly name: string;
  readonly country: string;
  readonly region: string;
  readonly kind: string;
  /** In percent. */
  readonly rate: string;
  readonly included: boolean;
  readonly on_shipping: boolean;
}

export interface TariffDraft {
  readonly currency: string;
  readonly zones: readonly ZoneDraft[];
  readonly taxes: readonly TaxDraft[];
}

export type TariffFault = "name" | "country" | "amount" | "days" | "rate" | "currency";
/** By path, such as `$.zones[0].options[1].price_minor`. */
export type TariffFaults = ReadonlyMap<string, TariffFault>;

export const NO_PLACE: PlaceDraft = { country: "", regions: "" };
export const NO_OPTION: OptionDraft = {
  id: "",
  name: "",
  price: "",
  per_kg: "",
  free_from: "",
  days_min: "",
  days_max: "",
};
export const NO_ZONE: ZoneDraft = { name: "", places: [NO_PLACE], options: [NO_OPTION] };
export const NO_TAX: TaxDraft = {
  name: "",
  country: "",
  region: "",
  kind: "",
  rate: "",
  included: true,
  on_shipping: true,
};

/** The server's own bounds. */
const MOST_DAYS = 365;
const WHOLE_BP = 10_000;

/** A tariff as it would be typed; `digits` are the decimals of its currency. */
export function typedTariff(tariff: Tariff, digits: number): TariffDraft {
  const amount = (minor: number | undefined) =>
    minor === undefined ? "" : (minor / 10 ** digits).toFixed(digits);
  const count = (n: number | undefined) => (n === undefined ? "" : String(n));
  const { currency, zones = [], taxes = [] } = tariff;
  return {
    currency,
    zones: zones.map(({ name, places, options }) => ({
      name,
      places: places.map(({ country, regions = [] }) => ({ country, regions: regions.join(", ") })),
      options: options.map((option) => ({
        id: option.id,
        name: option.name,
        price: amount(option.price_minor),
        per_kg: option.per_kg_minor ? amount(option.per_kg_minor) : "",
        free_from: amount(option.free_from_minor),
        days_min: count(option.days_min),
        days_max: count(option.days_max),
      })),
    })),
    taxes: taxes.map((rule) => ({
      name: rule.name,
      country: rule.country,
      region: rule.region ?? "",
      kind: rule.kind ?? "",
      rate: String(rule.rate_bp / 100),
      included: rule.included ?? false,
      on_shipping: rule.on_shipping ?? false,
    })),
  };
}

/** The tariff that `draft` says, or what is wrong with it. */
export function tariffFrom(draft: TariffDraft, digits: number): Tariff | TariffFaults {
  const faults = new Map<string, TariffFault>();
  const wrong = (path: string, fault: TariffFault) => void faults.set(path, fault);

  function name(text: string, path: string): string {
    if (text.trim() === "") wrong(path, "name");
    return text.trim();
  }
  function country(text: string, path: string): string {
    const code = text.trim().toUpperCase();
    if (!/^[A-Z]{2}$/.test(code)) wrong(path, "country");
    return code;
  }
  function amount(text: string, path: string): number {
    const minor = minorOf(text, digits);
    if (minor === undefined) wrong(path, "amount");
    return minor ?? 0;
  }
  function days(text: string, path: string): number {
    const count = /^\d{1,3}$/.test(text.trim()) ? Number(text) : MOST_DAYS + 1;
    if (count > MOST_DAYS) wrong(path, "days");
    return count;
  }
  const given = (text: string): boolean => text.trim() !== "";

  function zone({ name: called, places, options }: ZoneDraft, at: string): Zone {
    return {
      name: name(called, `${at}.name`),
      places: places.map((place, n) => {
        const regions = place.regions.split(/[,，]/).map((each) => each.trim());
        const some = regions.filter((each) => each !== "");
        return {
          country: country(place.country, `${at}.places[${n}].country`),
          ...(some.length > 0 && { regions: some }),
        };
      }),
      options: optionsOf(options, at),
    };
  }
  function optionsOf(options: readonly OptionDraft[], at: string): ShippingOption[] {
    const taken = new Set(options.map(({ id }) => id));
    return options.map((option, n) => {
      const path = `${at}.options[${n}]`;
      const id = option.id || freeId(option.name, taken);
      taken.add(id);
      const { price, per_kg, free_from, days_min, days_max } = option;
      return {
        id,
        name: name(option.name, `${path}.name`),
        price_minor: amount(price, `${path}.price_minor`),
        ...(given(per_kg) && { per_kg_minor: amount(per_kg, `${path}.per_kg_minor`) }),
        ...(given(free_from) && { free_from_minor: amount(free_from, `${path}.free_from_minor`) }),
        ...(given(days_min) && { days_min: days(days_min, `${path}.days_min`) }),
        ...(given(days_max) && { days_max: days(days_max, `${path}.days_max`) }),
      };
    });
  }
  function tax(rule: TaxDraft, at: string): TaxRule {
    const rate_bp = minorOf(rule.rate, 2) ?? WHOLE_BP + 1;
    if (rate_bp > WHOLE_BP) wrong(`${at}.rate_bp`, "rate");
    return {
      name: name(rule.name, `${at}.name`),
      country: country(rule.country, `${at}.country`),
      rate_bp,
      ...(given(rule.region) && { region: rule.region.trim() }),
      ...(given(rule.kind) && { kind: rule.kind.trim() }),
      included: rule.included,
      on_shipping: rule.on_shipping,
    };
  }

  const currency = draft.currency.trim().toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) wrong("$.currency", "currency");
  const tariff = {
    currency,
    zones: draft.zones.map((each, n) => zone(each, `$.zones[${n}]`)),
    taxes: draft.taxes.map((each, n) => tax(each, `$.taxes[${n}]`)),
  };
  return faults.size > 0 ? faults : tariff;
}

export function isTariff(answer: Tariff | TariffFaults): answer is Tariff {
  return "currency" in answer;
}

/** What an option is known by in orders: from its name, and never that of another one. */
function freeId(name: string, taken: ReadonlySet<string>): string {
  const plain = name.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, 24);
  const stem = plain.replace(/-+$/, "") || "option";
  let id = stem;
  for (let n = 2; taken.has(id); n += 1) id = `${stem}-${n}`;
  return id;
}

/** The list with another value at a place; with none, that place is gone. */
export function replaced<Item>(list: readonly Item[], at: number, item?: Item): readonly Item[] {
  return item === undefined ? list.toSpliced(at, 1) : list.with(at, item);
}
