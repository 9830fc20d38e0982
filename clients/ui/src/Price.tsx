import { money, moneyParts } from "./format.ts";
import "./Price.css";

interface Props {
  readonly minor: number;
  readonly currency: string;
  /** The price before, struck through. */
  readonly wasMinor?: number | undefined;
}

export function Price({ minor, currency, wasMinor }: Props) {
  const parts = moneyParts(minor, currency);
  return (
    <span class="price tabular">
      <span class="price-now">
        {parts.map(({ type, value }) =>
          type === "integer" || type === "group" ? value : <small key={type}>{value}</small>,
        )}
      </span>
      {wasMinor !== undefined && wasMinor > minor && <s>{money(wasMinor, currency)}</s>}
    </span>
  );
}
