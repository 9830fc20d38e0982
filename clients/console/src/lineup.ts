/**
 * The order of the bag while a host sorts it: what a move asks for, and how the bag looks until the
 * room says so too. Pure.
 */
import type { OfferView } from "@liveshop/client";

/** Directly before another offer, or (`null`) at the end. */
export type Before = string | null;

/** The ids with `id` moved; an id or a place that is not there changes nothing. */
export function moved(ids: readonly string[], id: string, before: Before): readonly string[] {
  if (!ids.includes(id) || id === before) return ids;
  const others = ids.filter((other) => other !== id);
  const place = before === null ? others.length : others.indexOf(before);
  return place < 0 ? ids : others.toSpliced(place, 0, id);
}

/**
 * Where `id` goes by `by` places, up (negative) or down, among the offers that can be sorted;
 * `undefined` when there is no such place.
 */
export function stepped(ids: readonly string[], id: string, by: -1 | 1): Before | undefined {
  const at = ids.indexOf(id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= ids.length) return undefined;
  return by < 0 ? (ids[to] ?? null) : (ids[to + 1] ?? null);
}

/** Where something that is held at `y` goes, among rows with these middles from top to bottom. */
export function dropped(rows: readonly { id: string; middle: number }[], y: number): Before {
  return rows.find(({ middle }) => y < middle)?.id ?? null;
}

/** The offers at the places of `order`; those that it does not name come after, as they were. */
export function arranged(
  offers: readonly OfferView[],
  order: readonly string[],
): readonly OfferView[] {
  const place = new Map(order.map((id, index) => [id, index + 1]));
  const last = order.length;
  return offers.map((offer) => ({
    ...offer,
    position: place.get(offer.id) ?? last + offer.position,
  }));
}

/** The offer before or after the pinned one among those that can be shown; from the ends, none. */
export function beside(
  offers: readonly OfferView[],
  pinned: string | null,
  by: -1 | 1,
): OfferView | undefined {
  const showable = offers
    .filter(({ state }) => state !== "closed")
    .toSorted((a, b) => a.position - b.position);
  const at = showable.findIndex(({ id }) => id === pinned);
  if (at < 0) return by > 0 ? showable[0] : undefined;
  return showable[at + by];
}
