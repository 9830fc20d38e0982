/** The page of a shop that this room is embedded in, where it is; what speaks to it is `embed.ts`. */

import type { OfferView, OrderView } from "@liveshop/client";
import { type Signal, signal } from "@preact/signals";

export interface ShopPage {
  /** Whether the shop's own cart takes it: sold every day, and at this very price. */
  sells(offer: OfferView): boolean;
  /** How many of it are in the shop's cart. */
  inCart(offer: OfferView): number;
  /** Rejected with an `EmbedError`. */
  add(offer: OfferView): Promise<void>;
  /** Whether the shop takes the money for these itself. */
  takes(orders: readonly OrderView[]): Promise<boolean>;
  /** Leave the whole page for another one. */
  go(url: string): void;
}

export const shopPage: Signal<ShopPage | null> = signal(null);

/** Whether this page stands in a frame of another one that asked for a room. */
export const embedded =
  window.parent !== window && new URLSearchParams(location.search).has("embed");

/** Go and pay. Out of a frame that is beside it: payment providers let nobody frame them. */
export function goTo(url: string): void {
  if (!embedded) return location.assign(url);
  if (window.open(url, "_blank") === null) shopPage.peek()?.go(url);
}
