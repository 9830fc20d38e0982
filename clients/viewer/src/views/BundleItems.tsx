import type { OfferItem } from "@liveshop/client";
import "./BundleItems.css";

interface Props {
  readonly items: readonly OfferItem[];
}

/** What is in a bundle: a line for each variant, and how often it is in. */
export function BundleItems({ items }: Props) {
  return (
    <ul class="bundle-items">
      {items.map(({ variant, title, options = [], count = 1 }) => (
        <li key={variant}>
          <span class="tabular">{count} ×</span> {[title, ...options].join(" · ")}
        </li>
      ))}
    </ul>
  );
}
