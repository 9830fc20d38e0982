/** What of a room's goods another shop's cart may sell, and how it is told of the rest. Pure. */

import type { OfferView, OrderView } from "@liveshop/client";
import type { Held, ShopProduct, Wanted } from "@liveshop/client/embed";

/** A unit of a sale has a deadline, and a bundle several SKUs: both stay here. */
export function everyday({ kind, entry, items = [] }: OfferView): boolean {
  return kind === "everyday" && entry !== "queue" && items.length === 0;
}

/** Whether the shop sells an offer for what the screen says. */
export function soldBy(offer: OfferView, product: ShopProduct | undefined): boolean {
  return (
    everyday(offer) &&
    product?.available === true &&
    product.price_minor === offer.price_minor &&
    product.currency === offer.currency
  );
}

/** One unit of an offer; `base` is the address that its picture's is relative to. */
export function wantedOf(offer: OfferView, base: string): Wanted {
  const { sku, title, options = [], price_minor, currency, show, id } = offer;
  const picture = absolute(offer.picture, base);
  return { sku, quantity: 1, title, options, price_minor, currency, picture, show, offer: id };
}

/** What the shop page is told of an order; nothing of one that is over. */
export function heldOf(
  order: OrderView,
  offers: readonly OfferView[],
  base: string,
): readonly Held[] {
  const { id, offer, title, options = [], quantity, total_minor, currency, pay_by } = order;
  if (order.status !== "awaiting_payment" && order.status !== "paid") return [];
  const sku = offers.find((each) => each.id === offer)?.sku ?? null;
  const [picture, state] = [absolute(order.picture, base), order.status];
  return [
    { order: id, offer, sku, title, options, picture, quantity, total_minor, currency, state, pay_by },
  ];
}

/** A picture's address as another site's page can use it. */
function absolute(picture: string | undefined, base: string): string | null {
  return picture === undefined ? null : new URL(picture, base).href;
}
