import type { OrderView } from "@liveshop/client";
import { expect, test } from "vitest";
import { mine, withOrder } from "../src/myorders.ts";

const order = (id: string, more: Partial<OrderView> = {}): OrderView => ({
  id,
  show: "s",
  offer: "o",
  hold: `h-${id}`,
  buyer: "b",
  buyer_name: "B",
  title: "Mug",
  quantity: 1,
  unit_price_minor: 900,
  total_minor: 900,
  currency: "USD",
  status: "paid",
  placed_at: 500,
  pay_by: 1_500,
  ...more,
});
const refund_request = { reason: "It leaks", asked_at: 900 };

test("the room's word is newer, and the shop's other orders are there, too", () => {
  const heard = [order("1", { status: "refunded" })];
  const listed = [order("2", { placed_at: 800 }), order("1", { status: "paid" })];

  expect(mine(heard, listed).map(({ id, status }) => [id, status])).toEqual([
    ["2", "paid"],
    ["1", "refunded"],
  ]);
});

test("what was asked is shown with an order of this room, and gone when it is taken back", () => {
  const asked = [order("1", { refund_request })];

  expect(mine([order("1")], asked)).toEqual(asked);
  expect(mine([order("1")], withOrder(asked, order("1")))).toEqual([order("1")]);
});
