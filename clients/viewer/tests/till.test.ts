import type { AddressView, OrderView, Quote } from "@liveshop/client";
import { type Api, ApiError } from "@liveshop/ui/api";
import { expect, test, vi } from "vitest";
import { type Counter, needsNoTill, tillOf } from "../src/till.ts";

const order = (id: string): OrderView => ({
  id,
  show: "tea-time",
  offer: `ofr_${id}`,
  hold: `hld_${id}`,
  buyer: "acc_1",
  buyer_name: "Lin",
  title: "Moon mug",
  quantity: 1,
  unit_price_minor: 900,
  total_minor: 900,
  currency: "USD",
  status: "awaiting_payment",
  placed_at: 10,
  pay_by: 100,
});

const kept = (id: string, country: string): AddressView => ({
  id,
  address: { name: "Lin", lines: ["Allee 1"], city: "Berlin", country },
});

const quoteOf = (id: string, total_minor: number): Quote => ({
  id,
  lines: [],
  goods_minor: total_minor,
  shipping_minor: 0,
  tax_minor: 0,
  tax_included_minor: 0,
  total_minor,
  currency: "USD",
  pay_by: 100,
  option: "standard",
});

const COUNTER: Counter = {
  delivery: { asks_address: true, countries: ["DE"] },
  addresses: [kept("adr_fr", "FR"), kept("adr_de", "DE")],
  gateways: ["stripe", "sandbox"],
};

/** A shop whose answers to POST a test holds in its hands. */
function shopOf(answers: Record<string, (body: any) => unknown>) {
  const asked: [string, any][] = [];
  const post = async (path: string, body?: unknown) => {
    asked.push([path, body]);
    return answers[path]?.(body);
  };
  return { shop: { post, delete: async () => null } as unknown as Api, asked };
}

test("one order, no address and one gateway ask nothing", () => {
  const plain = { ...COUNTER, delivery: { asks_address: false }, gateways: ["sandbox"] };
  expect(needsNoTill([order("1")], plain)).toBe(true);
  expect(needsNoTill([order("1"), order("2")], plain)).toBe(false);
  expect(needsNoTill([order("1")], { ...plain, gateways: COUNTER.gateways })).toBe(false);
  expect(needsNoTill([order("1")], { ...plain, delivery: COUNTER.delivery })).toBe(false);
});

test("it asks for all orders, to the last address that the shop delivers to", async () => {
  const { shop, asked } = shopOf({ "/api/checkout/quote": () => quoteOf("qt_1", 1800) });
  const till = tillOf(shop, [order("1"), order("2")], COUNTER);
  await vi.waitFor(() => expect(till.quote.value?.id).toBe("qt_1"));
  expect(asked).toEqual([["/api/checkout/quote", { orders: ["1", "2"], address: "adr_de" }]]);
  expect(till.gateway.value).toBe("stripe");
});

test("it pays what was quoted, through the gateway that was chosen", async () => {
  const { shop, asked } = shopOf({
    "/api/checkout/quote": () => quoteOf("qt_1", 900),
    "/api/checkout": () => ({ redirect_url: "/pay", reference: "r" }),
  });
  const till = tillOf(shop, [order("1")], COUNTER);
  await vi.waitFor(() => expect(till.quote.value).not.toBeNull());
  till.payThrough("sandbox");
  expect(await till.pay()).toBe("/pay");
  expect(asked.at(-1)).toEqual([
    "/api/checkout",
    {
      orders: ["1"],
      address: "adr_de",
      option: "standard",
      quote: "qt_1",
      amount_minor: 900,
      gateway: "sandbox",
    },
  ]);
});

test("a price that changed is shown anew, and nothing is paid", async () => {
  let price = 900;
  const { shop } = shopOf({
    "/api/checkout/quote": () => quoteOf(`qt_${price}`, price),
    "/api/checkout": () => {
      price = 1000;
      throw new ApiError(409, { code: "quote_changed", detail: "The price changed" });
    },
  });
  const till = tillOf(shop, [order("1")], COUNTER);
  await vi.waitFor(() => expect(till.quote.value).not.toBeNull());
  expect(await till.pay()).toBeNull();
  expect(till.quote.value?.total_minor).toBe(1000);
  expect(till.trouble.value?.code).toBe("quote_changed");
});

test("a coupon that does not hold is left out and forgotten, and the price is without it", async () => {
  const { shop, asked } = shopOf({
    "/api/checkout/quote": (body) => {
      if (body.coupon) throw new ApiError(409, { code: "coupon_used_up", detail: "It is used up" });
      return quoteOf("qt_full", 900);
    },
  });
  const forgotten: string[] = [];
  const till = tillOf(shop, [order("1")], COUNTER, "TEA-10", (code) => forgotten.push(code));
  await vi.waitFor(() => expect(till.quote.value?.id).toBe("qt_full"));
  expect(asked.map(([, body]) => body.coupon)).toEqual(["TEA-10", undefined]);
  expect([till.coupon.value, till.couponTrouble.value?.code]).toEqual([null, "coupon_used_up"]);
  expect(till.trouble.value).toBeNull();
  expect(forgotten).toEqual(["TEA-10"]);
  till.useCoupon("OTHER");
  expect(till.couponTrouble.value).toBeNull();
});

test("a claimed coupon is worth a till", () => {
  const plain = { ...COUNTER, delivery: { asks_address: false }, gateways: ["sandbox"] };
  expect(needsNoTill([order("1")], plain, "TEA-10")).toBe(false);
});

test("an answer to an older question is not listened to", async () => {
  const waiting: ((quote: Quote) => void)[] = [];
  const { shop } = shopOf({
    "/api/checkout/quote": () => new Promise<Quote>((resolve) => waiting.push(resolve)),
  });
  const till = tillOf(shop, [order("1")], COUNTER);
  till.sendBy("express");
  waiting[1]?.(quoteOf("qt_new", 1200));
  await vi.waitFor(() => expect(till.quote.value?.id).toBe("qt_new"));
  waiting[0]?.(quoteOf("qt_old", 900));
  await Promise.resolve();
  expect(till.quote.value?.id).toBe("qt_new");
});

test("without an order or an address there is no price, and nobody is asked", () => {
  const { shop, asked } = shopOf({});
  const till = tillOf(shop, [order("1")], { ...COUNTER, addresses: [] });
  expect(till.quote.value).toBeNull();
  expect(asked).toEqual([]);
});
