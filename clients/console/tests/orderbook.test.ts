import { expect, test } from "vitest";
import {
  awaitsBelow,
  NO_ORDERS,
  ORDERS_KEPT,
  withNewest,
  withOlder,
  withOrder,
  withShipment,
} from "../src/orderbook.ts";
import type { OrderBook } from "../src/orderbook.ts";
import { order } from "./samples.ts";

const ids = (book: OrderBook) => book.orders.map(({ id }) => id);

test("the first page is the book", () => {
  const book = withNewest(NO_ORDERS, { orders: [order("b"), order("a")], next: "a" });
  expect(ids(book)).toEqual(["b", "a"]);
  expect(book.next).toBe("a");
});

test("new orders go on top of those already read, and the older pages stay", () => {
  const read: OrderBook = { orders: [order("c"), order("b"), order("a")], next: "a" };
  const book = withNewest(read, { orders: [order("d"), order("c")], next: "c" });
  expect(ids(book)).toEqual(["d", "c", "b", "a"]);
  expect(book.next).toBe("a");
});

test("an order that was paid since is shown as paid", () => {
  const read: OrderBook = { orders: [order("a", { status: "awaiting_payment" })], next: undefined };
  const book = withNewest(read, { orders: [order("a", { status: "paid" })] });
  expect(book.orders.map(({ status }) => status)).toEqual(["paid"]);
});

test("when more orders came in than fit a page, the book begins anew and has no hole", () => {
  const read: OrderBook = { orders: [order("b"), order("a")], next: "a" };
  const book = withNewest(read, { orders: [order("y"), order("x")], next: "x" });
  expect(ids(book)).toEqual(["y", "x"]);
  expect(book.next).toBe("x");
});

test("an older page goes below", () => {
  const read: OrderBook = { orders: [order("d"), order("c")], next: "c" };
  const book = withOlder(read, { orders: [order("b"), order("a")], next: "a" });
  expect(ids(book)).toEqual(["d", "c", "b", "a"]);
  expect(book.next).toBe("a");
});

test("an older page read again changes its orders and not where the book ends", () => {
  const waiting = order("b", { status: "awaiting_payment" });
  const read: OrderBook = { orders: [order("c"), waiting, order("a")], next: "a" };
  const book = withOlder(read, { orders: [order("b", { status: "lapsed" })], next: "b" });
  expect(ids(book)).toEqual(["c", "b", "a"]);
  expect(book.orders[1]?.status).toBe("lapsed");
  expect(book.next).toBe("a");
});

test("the book keeps a bounded number of orders", () => {
  const many = Array.from({ length: ORDERS_KEPT }, (_, n) => order(`o${n}`));
  const book = withOlder({ orders: many, next: "more" }, { orders: [order("z")], next: "z" });
  expect(ids(book)).toEqual(ids({ orders: many, next: undefined }));
  expect(book.next).toBeUndefined();
});

test("one order changes in its place, and an unknown one stays out", () => {
  const read: OrderBook = { orders: [order("b"), order("a")], next: "a" };
  expect(withOrder(read, order("a", { status: "refunded" })).orders[1]?.status).toBe("refunded");
  expect(ids(withOrder(read, order("z")))).toEqual(["b", "a"]);
});

test("an order below the page that awaits payment asks for the next page", () => {
  const waiting = order("a", { status: "awaiting_payment" });
  const book: OrderBook = { orders: [order("c"), order("b"), waiting], next: undefined };
  expect(awaitsBelow(book, { orders: [order("c"), order("b")], next: "b" })).toBe(true);
  expect(awaitsBelow(book, { orders: [order("c"), order("b"), waiting] })).toBe(false);
});

test("what happens to a parcel is seen at every order in it", () => {
  const read: OrderBook = {
    orders: [order("c", { shipment: "s1" }), order("b"), order("a", { shipment: "s1" })],
    next: undefined,
  };
  const shipped = withShipment(read, {
    id: "s1",
    show: "tea-time",
    buyer: "acc_1",
    buyer_name: "Lin",
    state: "shipped",
    option: "Standard",
    orders: ["a", "c"],
    opened_at: 1,
    carrier: "DHL",
  });
  expect(shipped.orders.map(({ shipment_state, carrier }) => [shipment_state, carrier])).toEqual([
    ["shipped", "DHL"],
    [undefined, undefined],
    ["shipped", "DHL"],
  ]);
});
