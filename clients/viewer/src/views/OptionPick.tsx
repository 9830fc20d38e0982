import type { OptionPrice, Quote } from "@liveshop/client";
import { money } from "@liveshop/ui";
import type { Till } from "../till.ts";
import { t } from "../words/index.ts";

interface Props {
  readonly till: Till;
  readonly quote: Quote;
}

/** How it is sent, and what each way costs on top. */
export function OptionPick({ till, quote }: Props) {
  return (
    <fieldset class="pick">
      <legend>{t("delivery")}</legend>
      {quote.options?.map((option) => (
        <label key={option.id} class="pick-row">
          <input
            type="radio"
            name="option"
            checked={quote.option === option.id}
            onChange={() => till.sendBy(option.id)}
          />
          <span class="pick-what">
            <strong>{option.name}</strong>
            <small>{days(option)}</small>
          </span>
          <span class="tabular">
            {option.price_minor === 0 ? t("free") : money(option.price_minor, quote.currency)}
          </span>
        </label>
      ))}
      {quote.joins !== undefined && <p class="pick-note">{t("joins_parcel")}</p>}
    </fieldset>
  );
}

function days({ days_min, days_max }: OptionPrice): string {
  const [from, to] = [days_min ?? days_max, days_max ?? days_min];
  if (from === undefined || to === undefined) return "";
  return from === to
    ? t("days", { count: to })
    : t("days_between", { from, to });
}
