/**
 * The orders of one show, as far as they were read: newest first, each once, without a hole
 * between the newest and the oldest. Nothing here waits.
 */
import type { OrderList, OrderView, ShipmentView } from "@liveshop/client";

/** What a host scrolls through; the totals come from the tally, not from here. */
export const ORDERS_KEPT = 500;

export interface OrderBook {
  readonly orders: readonly OrderView[];
  /** Asks for the page after the last order. */
  readonly next: string | undefined;
}

export const NO_ORDERS: OrderBook = { orders: [], next: undefined };

/** Whether its buyer waits for an answer about their money. */
export function asksBack({ refund_request: request }: OrderView): boolean {
  return request !== undefined && (request.status ?? "open") === "open";
}

/** The book with the first page read again. */
export function withNewest(book: OrderBook, page: OrderList): OrderBook {
  const fresh = new Set(page.orders.map((order) => order.id));
  const older = book.orders.filter((order) => !fresh.has(order.id));
  // A page without one order that was here before does not reach back to them: what came in
  // between is unknown, so the book begins anew.
  const reaches = page.next === undefined || older.length < book.orders.length;
  if (!reaches) return { orders: page.orders, next: page.next };
  const grown = older.length > 0 ? book.next : page.next;
  return kept([...page.orders, ...older], grown);
}

/** The book with the page after its last order, or with a later page read again. */
export function withOlder(book: OrderBook, page: OrderList): OrderBook {
  const read = new Map(page.orders.map((order) => [order.id, order]));
  const known = new Set(book.orders.map((order) => order.id));
  const added = page.orders.filter((order) => !known.has(order.id));
  const orders = book.orders.map((order) => read.get(order.id) ?? order);
  return added.length > 0 || page.orders.length === 0
    ? kept([...orders, ...added], page.next)
    : { orders, next: book.next };
}

/** The book with one order as it is now; an order that is not in it stays out. */
export function withOrder(book: OrderBook, changed: OrderView): OrderBook {
  const orders = book.orders.map((order) => (order.id === changed.id ? changed : order));
  return { orders, next: book.next };
}

/** The book with the orders of a shipment as that is now. */
export function withShipment(book: OrderBook, shipment: ShipmentView): OrderBook {
  const { id, state, carrier, tracking } = shipment;
  const orders = book.orders.map((order) =>
    order.shipment === id
      ? {
          ...order,
          shipment_state: state,
          ...(carrier !== undefined && { carrier }),
          ...(tracking !== undefined && { tracking }),
        }
      : order,
  );
  return { orders, next: book.next };
}

/** Whether an order below the page may have been paid or have lapsed since it was read. */
export function awaitsBelow(book: OrderBook, page: OrderList): boolean {
  const last = page.orders.at(-1);
  if (last === undefined) return false;
  const below = book.orders.findIndex((order) => order.id === last.id) + 1;
  return book.orders.slice(below).some((order) => order.status === "awaiting_payment");
}

function kept(orders: readonly OrderView[], next: string | undefined): OrderBook {
  return orders.length <= ORDERS_KEPT
    ? { orders, next }
    : { orders: orders.slice(0, ORDERS_KEPT), next: undefined };
}
