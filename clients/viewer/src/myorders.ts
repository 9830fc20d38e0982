/** Every order of this viewer: what the room says of its own is newer, the shop knows the others. */
import type { OrderView } from "@liveshop/client";

/** Newest first; whether the money was asked back, only the shop says. */
export function mine(
  heard: readonly OrderView[],
  listed: readonly OrderView[],
): readonly OrderView[] {
  const known = new Map(listed.map((order) => [order.id, order]));
  const here = new Set(heard.map(({ id }) => id));
  const current = heard.map((order) => {
    const request = known.get(order.id)?.refund_request;
    return request === undefined ? order : { ...order, refund_request: request };
  });
  const others = listed.filter(({ id }) => !here.has(id));
  return [...current, ...others].toSorted((a, b) => b.placed_at - a.placed_at);
}

/** The list with one order as it is now. */
export function withOrder(
  listed: readonly OrderView[],
  changed: OrderView,
): readonly OrderView[] {
  return [...listed.filter(({ id }) => id !== changed.id), changed];
}
