import type { VariantView } from "@liveshop/client";
import { number } from "../texts/index.ts";

/** The options of a variant, and how many units there are. */
export function VariantLabel({ variant }: { readonly variant: VariantView | undefined }) {
  if (variant === undefined) return null;
  const { options = [], available } = variant;
  return (
    <>
      {options.join(" · ")} <small class="tabular">{number(available)}</small>
    </>
  );
}
