/**
 * What a buyer can do with an offer now: one word for the card and its button. Pure.
 *
 *     soon -> coming -> buy -> reserving -> reserved -> pay -> paid
 *                        \                               \-> expiring
 *                         \-> sold_out -> waiting, limit_reached, closed
 *
 * An offer with a queue, where one buys in turn:
 *
 *     enter -> entered -> drawing -> queued -> turn -> reserving ...
 *                                     ^         |
 *     enter_late ---------------------+ <- missed
 */

import type { OfferView, OrderView, RoomState } from "@liveshop/client";

export type Offering =
  | "soon"
  | "coming"
  | "buy"
  | "buy_another"
  | "reserving"
  | "reserved"
  | "pay"
  | "expiring"
  | "paid"
  | "sold_out"
  | "waiting"
  | "limit_reached"
  | "closed"
  | "enter"
  | "entered"
  | "enter_late"
  | "drawing"
  | "queued"
  | "turn"
  | "missed";

type Known = Pick<RoomState, "attempts" | "lines" | "orders" | "queues" | "show">;

export type Standing = OrderView["status"] | "expiring";

/** `now` is the server's. What is yours comes before what is on the shelf. */
export function offering(known: Known, offer: OfferView, now: number): Offering {
  const attempt = known.attempts[offer.id];
  if (attempt?.phase === "reserving") return "reserving";
  if (attempt?.phase === "reserved" && attempt.expires_at > now) return "reserved";
  if (payable(known.orders, offer.id, now)) return "pay";

  const mine = known.orders.filter((order) => order.offer === offer.id && isHeld(order));
  const paid = mine.some(({ status }) => status === "paid");
  const taken = mine.reduce((sum, { quantity }) => sum + quantity, 0);
  const unpaid = mine.some(({ status }) => status === "awaiting_payment");
  if (taken >= offer.limit_per_buyer) return unpaid ? "expiring" : "paid";

  const over = offer.closes_at !== undefined && offer.closes_at <= now;
  if (offer.state === "closed" || over || known.show?.state === "ended") return "closed";
  if (offer.state === "draft") return "soon";
  if (offer.entry === "queue") return queueing(known, offer, now);
  if (offer.opens_at !== undefined && offer.opens_at > now) return "coming";

  if (offer.id in known.lines) return "waiting";
  if (attempt?.phase === "refused") {
    if (attempt.reason === "limit_reached") return "limit_reached";
    if (attempt.reason === "sold_out") return "sold_out";
  }
  if (offer.left === 0) return "sold_out";
  return paid ? "buy_another" : "buy";
}

function queueing({ attempts, queues }: Known, offer: OfferView, now: number): Offering {
  const mine = queues[offer.id]?.mine ?? null;
  const attempt = attempts[offer.id];
  if (attempt?.phase === "refused" && attempt.reason === "limit_reached") return "limit_reached";
  const open = offer.opens_at === undefined || offer.opens_at <= now;
  if (mine === null) return open ? "enter_late" : "enter";
  if (mine.until !== undefined) {
    if (!mine.over && mine.until > now) return "turn";
    return attempt?.phase === "reserved" ? "enter_late" : "missed";
  }
  if ((mine.place ?? 0) > 0) return "queued";
  return open ? "drawing" : "entered";
}

/** When the viewer's turn is over, or the sale is, if that is sooner. */
export function turnEnds(queues: RoomState["queues"], { id, closes_at }: OfferView): number {
  return Math.min(queues[id]?.mine?.until ?? 0, closes_at ?? Infinity);
}

/** The order of this offer that waits for its money. */
export function payable(
  orders: readonly OrderView[],
  offer: string,
  now: number,
): OrderView | undefined {
  return awaiting(orders, now).find((order) => order.offer === offer);
}

export function awaiting(orders: readonly OrderView[], now: number): readonly OrderView[] {
  return orders.filter((order) => standing(order, now) === "awaiting_payment");
}

/** The status of an order; `expiring` once its time to pay is over, until the server lapses it. */
export function standing({ status, pay_by }: OrderView, now: number): Standing {
  return status === "awaiting_payment" && pay_by <= now ? "expiring" : status;
}

function isHeld({ status }: OrderView): boolean {
  return status === "awaiting_payment" || status === "paid";
}
