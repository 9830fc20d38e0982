import "./StockBar.css";
import { t } from "./words.ts";

interface Props {
  readonly left: number;
  readonly quantity: number;
}

/** How much is still to be had: the bar empties, and warms when it is nearly empty. */
export function StockBar({ left, quantity }: Props) {
  const share = quantity > 0 ? Math.min(1, left / quantity) : 0;
  const name = share <= 0.25 ? "stock-bar stock-bar-scarce" : "stock-bar";
  const text = left > 0 ? t("left", { count: left }) : t("gone");
  return (
    <div class={name}>
      <div class="stock-bar-track">
        <div class="stock-bar-fill" style={{ transform: `scaleX(${share})` }} />
      </div>
      <span class="tabular">{text}</span>
    </div>
  );
}
