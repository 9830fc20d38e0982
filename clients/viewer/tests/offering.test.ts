import type { Attempt, Lines, OfferView, OrderView, PlaceInQueue } from "@liveshop/client";
import { expect, test } from "vitest";
import { awaiting, offering, standing, turnEnds } from "../src/offering.ts";

const NOW = 1_000;

const offer: OfferView = {
  id: "o1",
  show: "s",
  kind: "flash",
  state: "open",
  product: "p",
  title: "Mug",
  variant: "v",
  sku: "MUG",
  price_minor: 900,
  currency: "USD",
  quantity: 20,
  left: 5,
  version: 1,
  limit_per_buyer: 1,
  hold_s: 120,
  position: 1,
};

const order: OrderView = {
  id: "ord_1",
  show: "s",
  offer: "o1",
  hold: "h1",
  buyer: "b",
  buyer_name: "B",
  title: "Mug",
  quantity: 1,
  unit_price_minor: 900,
  total_minor: 900,
  currency: "USD",
  status: "awaiting_payment",
  placed_at: 500,
  pay_by: 1_500,
};

const show = { id: "s", title: "Tea", host: "h", host_name: "H", state: "live" } as const;

function seen(
  changed: Partial<OfferView> = {},
  orders: readonly OrderView[] = [],
  attempt?: Attempt,
  lines: Lines = {},
): string {
  const attempts = attempt ? { o1: attempt } : {};
  return offering({ show, orders, attempts, lines, queues: {} }, { ...offer, ...changed }, NOW);
}

test("an open offer with units left can be bought", () => {
  expect(seen()).toBe("buy");
  expect(seen({ left: 0 })).toBe("sold_out");
});

test("the window decides before the shelf does", () => {
  expect(seen({ state: "draft" })).toBe("soon");
  expect(seen({ opens_at: NOW + 1, left: 0 })).toBe("coming");
  expect(seen({ opens_at: NOW })).toBe("buy");
  expect(seen({ closes_at: NOW })).toBe("closed");
  expect(seen({ state: "closed" })).toBe("closed");
});

test("a try on its way, and a hold, come before everything", () => {
  expect(seen({ left: 0 }, [], { phase: "reserving", id: "k" })).toBe("reserving");
  expect(seen({ left: 0 }, [], { phase: "reserved", hold: "h", expires_at: NOW + 1 })).toBe(
    "reserved",
  );
  expect(seen({}, [], { phase: "reserved", hold: "h", expires_at: NOW })).toBe("buy");
});

test("an order is to be paid until its time is over", () => {
  expect(seen({ state: "closed" }, [order])).toBe("pay");
  expect(seen({}, [{ ...order, pay_by: NOW }])).toBe("expiring");
  expect(seen({}, [{ ...order, status: "lapsed" }])).toBe("buy");
});

test("between its time to pay and its lapse an order is neither to be paid nor had", () => {
  const late: OrderView = { ...order, pay_by: NOW };
  const paid: OrderView = { ...order, id: "ord_2", status: "paid" };
  expect(standing(order, NOW)).toBe("awaiting_payment");
  expect(standing(late, NOW)).toBe("expiring");
  expect(standing({ ...paid, pay_by: NOW }, NOW)).toBe("paid");
  expect(awaiting([order, late, paid], NOW)).toEqual([order]);
  expect(seen({ state: "closed" }, [late])).toBe("expiring");
  expect(seen({ limit_per_buyer: 2 }, [late, paid])).toBe("expiring");
  expect(seen({ limit_per_buyer: 2 }, [late])).toBe("buy");
});

test("what is paid counts towards the limit", () => {
  const paid: OrderView = { ...order, status: "paid" };
  expect(seen({}, [paid])).toBe("paid");
  expect(seen({ limit_per_buyer: 2 }, [paid])).toBe("buy_another");
});

test("a refusal explains itself on the card", () => {
  expect(seen({}, [], { phase: "refused", reason: "sold_out" })).toBe("sold_out");
  expect(seen({}, [], { phase: "refused", reason: "limit_reached" })).toBe("limit_reached");
  expect(seen({}, [], { phase: "refused", reason: "unavailable" })).toBe("buy");
});

test("who waits sees so until it is over or theirs", () => {
  const lines = { o1: { offer: "o1", place: 2, quantity: 1 } };
  expect(seen({ left: 0 }, [], { phase: "refused", reason: "sold_out" }, lines)).toBe("waiting");
  expect(seen({ left: 0, closes_at: NOW }, [], undefined, lines)).toBe("closed");
  expect(seen({ left: 0 }, [order], undefined, lines)).toBe("pay");
});

test("nothing is sold after the show", () => {
  const over = { ...show, state: "ended" as const };
  expect(offering({ show: over, orders: [], attempts: {}, lines: {}, queues: {} }, offer, NOW)).toBe("closed");
});

test("an offer with a queue is entered, drawn, and bought in turn", () => {
  const before: OfferView = { ...offer, entry: "queue", opens_at: NOW + 1 };
  const selling: OfferView = { ...before, opens_at: NOW };
  const known = (mine: PlaceInQueue | null): Parameters<typeof offering>[0] => ({
    show,
    orders: [],
    attempts: {},
    lines: {},
    queues: { o1: { entrants: 9, called: 2, mine } },
  });
  const turn = { offer: "o1", place: 2, admission: "1.2.x", until: NOW + 1 };
  expect(offering({ ...known(null), queues: {} }, before, NOW)).toBe("enter");
  expect(offering(known({ offer: "o1" }), before, NOW)).toBe("entered");
  expect(offering(known({ offer: "o1", place: 0 }), selling, NOW)).toBe("drawing");
  expect(offering(known({ offer: "o1", place: 5 }), selling, NOW)).toBe("queued");
  expect(offering(known({ offer: "o1", place: 5 }), { ...selling, left: 0 }, NOW)).toBe("queued");
  expect(offering(known(turn), selling, NOW)).toBe("turn");
  expect(offering(known(turn), selling, NOW + 1)).toBe("missed");
  expect(offering(known({ ...turn, over: true }), selling, NOW)).toBe("missed");
  expect(offering(known(null), selling, NOW)).toBe("enter_late");
  expect(offering({ ...known(turn), orders: [order] }, selling, NOW)).toBe("pay");
  expect(turnEnds(known(turn).queues, selling)).toBe(NOW + 1);
  expect(turnEnds(known(turn).queues, { ...selling, closes_at: NOW })).toBe(NOW);
});
