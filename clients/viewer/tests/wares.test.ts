import type { OfferView, OrderView } from "@liveshop/client";
import { expect, test } from "vitest";
import { heldOf, soldBy, wantedOf } from "../src/wares.ts";

const BASE = "https://live.example/live/tea";

const mug: OfferView = {
  id: "ofr_1",
  show: "tea",
  kind: "everyday",
  state: "open",
  product: "prd_1",
  title: "Moon mug",
  variant: "var_1",
  sku: "MUG",
  price_minor: 2400,
  currency: "USD",
  quantity: 5,
  left: 5,
  version: 1,
  limit_per_buyer: 2,
  hold_s: 270,
  position: 1,
  picture: "/sample/mug.svg",
};

const sold = { sku: "MUG", price_minor: 2400, currency: "USD", available: true };

const order: OrderView = {
  id: "ord_1",
  show: "tea",
  offer: "ofr_1",
  hold: "hld_1",
  buyer: "acc_1",
  buyer_name: "Lin",
  title: "Moon mug",
  quantity: 2,
  unit_price_minor: 2400,
  total_minor: 4800,
  currency: "USD",
  status: "awaiting_payment",
  placed_at: 10,
  pay_by: 100,
};

test("a shop sells what it has, at the price that is on screen", () => {
  expect(soldBy(mug, sold)).toBe(true);
  expect(soldBy(mug, undefined)).toBe(false);
  expect(soldBy(mug, { ...sold, available: false })).toBe(false);
  expect(soldBy(mug, { ...sold, price_minor: 2500 })).toBe(false);
  expect(soldBy(mug, { ...sold, currency: "EUR" })).toBe(false);
});

test("what a sale holds, a queue deals out or a bundle puts together stays with the gate", () => {
  expect(soldBy({ ...mug, kind: "flash" }, sold)).toBe(false);
  expect(soldBy({ ...mug, entry: "queue" }, sold)).toBe(false);
  const items = [{ variant: "var_1", sku: "MUG", title: "Moon mug", count: 2 }];
  expect(soldBy({ ...mug, items } as OfferView, sold)).toBe(false);
});

test("the shop is told what is wanted as the screen shows it", () => {
  expect(wantedOf(mug, BASE)).toEqual({
    sku: "MUG",
    quantity: 1,
    title: "Moon mug",
    options: [],
    price_minor: 2400,
    currency: "USD",
    picture: "https://live.example/sample/mug.svg",
    show: "tea",
    offer: "ofr_1",
  });
});

test("the shop is told what is held until when, and no more of it once that is over", () => {
  const held = {
    order: "ord_1",
    offer: "ofr_1",
    sku: "MUG",
    title: "Moon mug",
    options: [],
    picture: null,
    quantity: 2,
    total_minor: 4800,
    currency: "USD",
    state: "awaiting_payment",
    pay_by: 100,
  };
  expect(heldOf(order, [mug], BASE)).toEqual([held]);
  expect(heldOf(order, [], BASE)).toEqual([{ ...held, sku: null }]);
  expect(heldOf({ ...order, status: "paid" }, [mug], BASE)).toEqual([{ ...held, state: "paid" }]);
  expect(heldOf({ ...order, status: "lapsed" }, [mug], BASE)).toEqual([]);
});
