import type { Address, Problem } from "@liveshop/client";
import { ApiError, Button, countryName, Field, language, locale, Select } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import type { TargetedEvent } from "preact";
import { t, type Word } from "../words/index.ts";

interface Props {
  /** Where the shop delivers, as ISO codes. */
  readonly countries: readonly string[];
  readonly keep: (address: Address) => Promise<void>;
  readonly onKept: () => void;
  /** What is written over; without, it is a new one. */
  readonly from?: Address | undefined;
  readonly onBack: (() => void) | undefined;
}

/** The shop's sentence about a field, in English; in other languages our own. */
const WRONG: Readonly<Record<string, Word>> = {
  region: "wrong_region",
  postcode: "wrong_postcode",
  phone: "wrong_phone",
};

/** Typed once, on a phone with one thumb: every field says to the browser what it is. */
export function AddressForm({ countries, keep, onKept, onBack, from }: Props) {
  const wrong = useSignal<{ readonly field: string; readonly why: string } | null>(null);
  const busy = useSignal(false);
  const about = (field: string): string | undefined =>
    wrong.value?.field === field ? wrong.value.why : undefined;

  async function submit(event: TargetedEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name) ?? "").trim();
    busy.value = true;
    wrong.value = null;
    try {
      await keep({
        name: text("name"),
        lines: [text("line1"), text("line2")].filter(Boolean),
        city: text("city"),
        country: text("country"),
        region: text("region"),
        postcode: text("postcode"),
        phone: text("phone"),
      });
      onKept();
    } catch (why) {
      if (!(why instanceof ApiError)) throw why;
      wrong.value = faultOf(why);
    } finally {
      busy.value = false;
    }
  }

  return (
    <form class="address-form" onSubmit={submit}>
      <h3>{t("deliver_to")}</h3>
      <Field label={t("address_name")} name="name" autocomplete="name" defaultValue={from?.name} required maxLength={100} />
      <Field
        label={t("address_street")}
        name="line1"
        defaultValue={from?.lines[0]}
        autocomplete="address-line1"
        required
        maxLength={100}
        problem={about("lines")}
      />
      <Field
        label={t("address_more")}
        name="line2"
        defaultValue={from?.lines[1]}
        autocomplete="address-line2"
        maxLength={100}
      />
      <div class="address-pair">
        <Field
          label={t("address_postcode")}
          name="postcode"
        defaultValue={from?.postcode}
          autocomplete="postal-code"
          maxLength={16}
          problem={about("postcode")}
        />
        <Field
          label={t("address_city")}
          name="city"
        defaultValue={from?.city}
          autocomplete="address-level2"
          required
          maxLength={100}
        />
      </div>
      <div class="address-pair">
        <Field
          label={t("address_region")}
          name="region"
        defaultValue={from?.region}
          autocomplete="address-level1"
          maxLength={60}
          problem={about("region")}
        />
        <Select
          label={t("address_country")}
          name="country"
          autocomplete="country"
          problem={about("country")}
        >
          {inWords(countries).map(([code, name]) => (
            <option key={code} value={code} selected={code === from?.country}>
              {name}
            </option>
          ))}
        </Select>
      </div>
      <Field
        label={t("address_phone")}
        name="phone"
        defaultValue={from?.phone}
        type="tel"
        autocomplete="tel"
        maxLength={24}
        problem={about("phone")}
      />
      {wrong.value?.field === "" && (
        <p class="checkout-trouble" role="alert">
          {wrong.value.why}
        </p>
      )}
      <Button type="submit" look="strong" wide busy={busy.value}>
        {t("use_address")}
      </Button>
      {onBack && (
        <Button look="plain" wide onClick={onBack}>
          {t("back")}
        </Button>
      )}
    </form>
  );
}

/** The countries by name, in the order of the language. */
function inWords(countries: readonly string[]): readonly (readonly [string, string])[] {
  return countries
    .map((code) => [code, countryName(code)] as const)
    .toSorted(([, one], [, other]) => one.localeCompare(other, locale()));
}

function faultOf(why: ApiError): { field: string; why: string } {
  const path = (why.body as Problem | null)?.path ?? "";
  const field = /^\$\.(\w+)/.exec(path)?.[1] ?? "";
  const word = WRONG[field];
  const own = language.value !== "en" && word !== undefined;
  return { field, why: own ? t(word) : why.message };
}
