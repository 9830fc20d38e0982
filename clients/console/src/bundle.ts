/**
 * What is in one unit of an offer: a variant, or the variants of a bundle and how many of each.
 * Pure. What holds for the whole follows from its parts.
 */
import type { ProductView, VariantView } from "@liveshop/client";

export interface Part {
  readonly title: string;
  readonly variant: VariantView;
  readonly picture: string | undefined;
  /** Units of it in one unit of the offer. */
  readonly count: number;
}

export type Parts = readonly [Part, ...Part[]];

/** The server's own bounds. */
const MOST_PARTS = 20;
const MOST_OF_A_PART = 100;

export function partOf(product: ProductView, variant: VariantView, count = 1): Part {
  const { title, pictures = [] } = product;
  return { title, variant, picture: variant.picture ?? pictures[0], count };
}

export function isBundle(parts: Parts): boolean {
  return parts.length > 1 || parts[0].count > 1;
}

export function hasRoom(parts: Parts): boolean {
  return parts.length < MOST_PARTS;
}

/** What one unit costs when its parts are bought one by one. */
export function priceOf(parts: Parts): number {
  return parts.reduce((sum, { variant, count }) => sum + variant.price_minor * count, 0);
}

/** How many whole units there are parts for. */
export function availableOf(parts: Parts): number {
  return Math.min(...parts.map(({ variant, count }) => Math.floor(variant.available / count)));
}

/** With one more of `part`: a variant that is in already is in once more. */
export function withPart(parts: Parts, part: Part): Parts {
  const [first, ...others] = parts;
  const { id } = part.variant;
  if (parts.some(({ variant }) => variant.id === id)) {
    const known = parts.find(({ variant }) => variant.id === id)?.count ?? 0;
    return counted(parts, id, known + part.count);
  }
  return hasRoom(parts) ? [first, ...others, part] : parts;
}

/** With so many of a variant; at 0 it goes, unless it is the last one. */
export function counted(parts: Parts, variant: string, count: number): Parts {
  const some = Math.min(Math.max(count, 0), MOST_OF_A_PART);
  const [first, ...others] = parts
    .map((part) => (part.variant.id === variant ? { ...part, count: some } : part))
    .filter((part) => part.count > 0);
  return first === undefined ? parts : [first, ...others];
}
