/** An offer and an order to start from; a test says only what matters to it. */
import type { OfferView, OrderView } from "@liveshop/client";

export function offer(changes: Partial<OfferView> = {}): OfferView {
  return {
    id: "ofr_1",
    show: "tea-time",
    kind: "flash",
    state: "open",
    product: "prd_1",
    title: "Moon mug",
    variant: "var_1",
    sku: "MUG-MOON",
    price_minor: 900,
    currency: "USD",
    quantity: 20,
    left: 20,
    version: 0,
    limit_per_buyer: 1,
    hold_s: 120,
    position: 1,
    ...changes,
  };
}

export function order(id: string, changes: Partial<OrderView> = {}): OrderView {
  return {
    id,
    show: "tea-time",
    offer: "ofr_1",
    hold: `hld_${id}`,
    buyer: "acc_1",
    buyer_name: "Lin",
    title: "Moon mug",
    quantity: 1,
    unit_price_minor: 900,
    total_minor: 900,
    currency: "USD",
    status: "paid",
    placed_at: 1000,
    pay_by: 2000,
    ...changes,
  };
}
