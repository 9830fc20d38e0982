/**
 * Where an offer stands at a moment, told from its state, its window and what is left. Pure: the
 * server's `now` is passed in.
 */
import type { OfferView } from "@liveshop/client";

export type Phase = "draft" | "coming" | "selling" | "sold_out" | "closing" | "closed";

export function phaseOf(offer: OfferView, now: number): Phase {
  if (offer.state !== "open") return offer.state;
  if (offer.opens_at !== undefined && now < offer.opens_at) return "coming";
  // The server closes it within moments; until it says so the offer sells nothing.
  if (offer.closes_at !== undefined && now >= offer.closes_at) return "closing";
  return offer.left === 0 ? "sold_out" : "selling";
}

/** The moment that the phase ends by itself, if it does. */
export function endOf(offer: OfferView, phase: Phase): number | undefined {
  if (phase === "coming") return offer.opens_at;
  return phase === "selling" || phase === "sold_out" ? offer.closes_at : undefined;
}

/** The share of the units that somebody holds or has bought, 0 to 1. */
export function shareTaken(offer: OfferView): number {
  return offer.quantity === 0 ? 0 : (offer.quantity - offer.left) / offer.quantity;
}

/** How much cheaper than before, in whole percent; 0 when there is no price before. */
export function percentOff(offer: Pick<OfferView, "price_minor" | "was_minor">): number {
  const was = offer.was_minor ?? 0;
  return was > offer.price_minor ? Math.round((1 - offer.price_minor / was) * 100) : 0;
}

export interface Numbered {
  readonly n: number;
  readonly offer: OfferView;
}

/** The offers in the order of the bag, with the number a host calls out: "number three!". */
export function numbered(offers: readonly OfferView[]): readonly Numbered[] {
  return offers
    .toSorted((a, b) => a.position - b.position)
    .map((offer, index) => ({ n: index + 1, offer }));
}

/** What can still be done comes first; what is closed sinks to the end and keeps its number. */
export function closedLast(bag: readonly Numbered[]): readonly Numbered[] {
  const closed = ({ offer }: Numbered) => Number(offer.state === "closed");
  return bag.toSorted((a, b) => closed(a) - closed(b));
}
