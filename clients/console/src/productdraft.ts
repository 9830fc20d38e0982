/**
 * A product and its variants as they are being filled in: text as it was typed, and what of it is
 * new. Pure. Only what differs is sent, so that two who edit different things both get their way.
 */
import type {
  NewProduct,
  NewVariant,
  ProductChange,
  ProductView,
  VariantChange,
  VariantView,
} from "@liveshop/client";
import { minorOf } from "./offerdraft.ts";

export interface ProductDraft {
  readonly title: string;
  readonly body_html: string;
  readonly vendor: string;
  readonly kind: string;
  /** Separated by commas. */
  readonly tags: string;
  readonly status: ProductView["status"];
}

export interface VariantDraft {
  readonly sku: string;
  /** A value for each option of the product. */
  readonly options: readonly string[];
  readonly price: string;
  /** Empty: it was not dearer before. */
  readonly was: string;
  readonly grams: string;
  readonly available: string;
  /** Units left at which its host is told; empty: never. */
  readonly alert: string;
}

export type Fault = "needed" | "price" | "was" | "count";
export type Faults = Partial<Record<keyof VariantDraft, Fault>>;
export type Checked<Value> = { readonly value: Value } | { readonly faults: Faults };

export const STATUSES: readonly ProductView["status"][] = ["active", "draft", "archived"];

/** As many as the server takes. */
export const MAX_OPTIONS = 3;

export const emptyProduct: ProductDraft = {
  title: "",
  body_html: "",
  vendor: "",
  kind: "",
  tags: "",
  status: "active",
};

export const emptyVariant: VariantDraft = {
  sku: "",
  options: [],
  price: "",
  was: "",
  grams: "",
  available: "",
  alert: "",
};

export function draftOfProduct(product: ProductView): ProductDraft {
  const { title, body_html, vendor, kind, tags = [], status } = product;
  return { title, body_html, vendor, kind, tags: tags.join(", "), status };
}

/** What of `draft` is not so yet; nothing when all is. */
export function changeOfProduct(draft: ProductDraft, product: ProductView): ProductChange {
  const was = draftOfProduct(product);
  const differ = (field: keyof ProductDraft) => draft[field].trim() !== was[field].trim();
  return {
    ...(differ("title") && { title: draft.title.trim() }),
    ...(differ("body_html") && { body_html: draft.body_html }),
    ...(differ("vendor") && { vendor: draft.vendor.trim() }),
    ...(differ("kind") && { kind: draft.kind.trim() }),
    ...(differ("tags") && { tags: [...listed(draft.tags)] }),
    ...(differ("status") && { status: draft.status }),
  };
}

export function newProductOf(
  draft: ProductDraft,
  options: readonly string[],
  variants: readonly NewVariant[],
): NewProduct {
  const { title, body_html, vendor, kind, tags, status } = draft;
  return {
    title: title.trim(),
    body_html,
    vendor: vendor.trim(),
    kind: kind.trim(),
    tags: [...listed(tags)],
    status,
    options: [...options],
    variants: [...variants],
  };
}

export function draftOfVariant(variant: VariantView, digits: number): VariantDraft {
  const amount = (minor: number | undefined) =>
    minor === undefined ? "" : (minor / 10 ** digits).toFixed(digits);
  return {
    sku: variant.sku,
    options: variant.options ?? [],
    price: amount(variant.price_minor),
    was: amount(variant.was_minor),
    grams: variant.grams ? String(variant.grams) : "",
    available: String(variant.available),
    alert: variant.alert_at === undefined ? "" : String(variant.alert_at),
  };
}

/** What of `draft` is not so yet; `null` takes away. SKU, options and stock are not edited. */
export function changeOfVariant(
  draft: VariantDraft,
  variant: VariantView,
  digits: number,
): Checked<VariantChange> {
  const was = draftOfVariant(variant, digits);
  const faults = amountFaults(draft, digits);
  if (Object.keys(faults).length > 0) return { faults };
  const differ = (field: "price" | "was" | "grams" | "alert") =>
    draft[field].trim() !== was[field].trim();
  return {
    value: {
      ...(differ("price") && { price_minor: minorOf(draft.price, digits) ?? 0 }),
      ...(differ("was") && { was_minor: minorOf(draft.was, digits) ?? null }),
      ...(differ("grams") && { grams: countOf(draft.grams) ?? 0 }),
      ...(differ("alert") && { alert_at: countOf(draft.alert) ?? null }),
    },
  };
}

export function newVariantOf(
  draft: VariantDraft,
  options: number,
  currency: string,
  digits: number,
): Checked<NewVariant> {
  const faults: Faults = { ...amountFaults(draft, digits) };
  const values = Array.from({ length: options }, (_, n) => (draft.options[n] ?? "").trim());
  if (draft.sku.trim() === "") faults.sku = "needed";
  if (values.includes("")) faults.options = "needed";
  if (Object.keys(faults).length > 0) return { faults };
  const was = minorOf(draft.was, digits);
  return {
    value: {
      sku: draft.sku.trim(),
      price_minor: minorOf(draft.price, digits) ?? 0,
      currency,
      available: countOf(draft.available) ?? 0,
      options: values,
      grams: countOf(draft.grams) ?? 0,
      ...(was !== undefined && { was_minor: was }),
    },
  };
}

/** What stands between commas, each once. */
export function listed(text: string): readonly string[] {
  const parts = text.split(/[,，、]/).map((part) => part.trim());
  return [...new Set(parts.filter((part) => part !== ""))];
}

/** The list with what is at `from` at `to`; the list itself where that is no place. */
export function moved<Item>(list: readonly Item[], from: number, to: number): readonly Item[] {
  if (to < 0 || to >= list.length) return list;
  const left = list.toSpliced(from, 1);
  return left.toSpliced(to, 0, ...list.slice(from, from + 1));
}

function amountFaults(draft: VariantDraft, digits: number): Faults {
  const price = minorOf(draft.price, digits);
  const was = minorOf(draft.was, digits);
  const faults: Faults = {};
  if (price === undefined) faults.price = "price";
  if (draft.was.trim() !== "" && was === undefined) faults.was = "price";
  else if (was !== undefined && price !== undefined && was <= price) faults.was = "was";
  for (const field of ["grams", "available", "alert"] as const) {
    if (draft[field].trim() !== "" && countOf(draft[field]) === undefined) faults[field] = "count";
  }
  return faults;
}

function countOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text.trim()) ? Number(text) : undefined;
}
