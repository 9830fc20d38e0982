import { expect, test } from "vitest";
import type { ChatLine, OfferView, OrderView, ShipmentView } from "../src/messages.ts";
import { CHAT_KEPT } from "../src/chat.ts";
import { applied, type Change, empty, type RoomState } from "../src/state.ts";
import { JOINED } from "./fakeserver.ts";

const offer: OfferView = {
  id: "o1",
  show: "tea-time",
  kind: "flash",
  state: "open",
  product: "p1",
  title: "Moon mug",
  variant: "v1",
  sku: "MUG",
  price_minor: 900,
  currency: "USD",
  quantity: 20,
  left: 20,
  version: 1,
  limit_per_buyer: 1,
  hold_s: 120,
  position: 1,
};

const order: OrderView = {
  id: "ord_1",
  show: "tea-time",
  offer: "o1",
  hold: "h1",
  buyer: "acc_1",
  buyer_name: "Ada",
  title: "Moon mug",
  quantity: 1,
  unit_price_minor: 900,
  total_minor: 900,
  currency: "USD",
  status: "awaiting_payment",
  placed_at: 10,
  pay_by: 100,
};

function after(...changes: readonly Change[]): RoomState {
  return changes.reduce(applied, empty);
}

const shelf: Change = { type: "offer", offset: 1, offer };

test("stock is as its highest version says, in whatever order it comes", () => {
  const state = after(
    shelf,
    { type: "stock", offer: "o1", left: 3, version: 9 },
    { type: "stock", offer: "o1", left: 7, version: 5 },
    { type: "offer", offset: 2, offer: { ...offer, title: "Sun mug", version: 4, left: 11 } },
  );
  expect(state.offers).toEqual([{ ...offer, title: "Sun mug", left: 3, version: 9 }]);
});

test("places in line are as the server last said, and end with the offer", () => {
  const place = { offer: "o1", place: 2, quantity: 3 };
  const waiting = after({ ...JOINED, you: { ...JOINED.you, waiting: [place] } }, shelf);
  expect(waiting.lines).toEqual({ o1: place });
  const closed: Change = { type: "offer", offset: 2, offer: { ...offer, state: "closed" } };
  expect(applied(waiting, closed).lines).toEqual({});
  expect(applied(waiting, JOINED).lines).toEqual({});
  const refused: Change = { type: "refused", to: "1", offer: "o1", reason: "sold_out" };
  const asked: Change = { type: "waiting", to: "2", offer: "o1", place: 1 };
  expect(after(refused, asked).attempts).toEqual({});
});

test("a queue only grows, and the viewer's place in it becomes a turn that buys once", () => {
  const entered: Change = { type: "entered", to: "1", offer: "o1" };
  const moved: Change = { type: "queue", offer: "o1", entrants: 40, called: 5 };
  const waiting = after(shelf, entered, moved, { type: "entered", offer: "o1", place: 7 });
  expect(waiting.queues).toEqual({
    o1: { entrants: 40, called: 5, mine: { offer: "o1", place: 7 } },
  });
  const older: Change = { type: "queue", offer: "o1", entrants: 30 };
  expect(applied(waiting, older)).toBe(waiting);

  const turn: Change = { type: "admitted", offer: "o1", admission: "1.2.x", until: 90 };
  const admitted = applied(waiting, turn);
  const mine = { offer: "o1", place: 7, admission: "1.2.x", until: 90 };
  expect(admitted.queues["o1"]?.mine).toEqual(mine);
  const over = { ...mine, over: true };
  const reserved: Change = { type: "reserved", offer: "o1", hold: "h", quantity: 1, expires_at: 9 };
  const late: Change = { type: "refused", to: "2", offer: "o1", reason: "turn_over" };
  expect(applied(admitted, reserved).queues["o1"]?.mine).toEqual(over);
  expect(applied(admitted, late).queues["o1"]?.mine).toEqual(over);
  const without: Change = { type: "refused", to: "2", offer: "o1", reason: "sold_out" };
  expect(applied(admitted, without).queues["o1"]?.mine).toEqual(mine);

  const back = applied(admitted, { ...JOINED, you: { ...JOINED.you, queued: [over] } });
  expect(back.queues).toEqual({ o1: { entrants: 40, called: 5, mine: over } });
  expect(applied(admitted, JOINED).queues["o1"]?.mine).toBeNull();
  const closed: Change = { type: "offer", offset: 2, offer: { ...offer, state: "closed" } };
  expect(applied(admitted, closed).queues["o1"]?.mine).toBeNull();
});

test("offers stand by their place in the bag", () => {
  const state = after(shelf, {
    type: "offer",
    offset: 2,
    offer: { ...offer, id: "o0", position: 0 },
  });
  expect(state.offers.map(({ id }) => id)).toEqual(["o0", "o1"]);
});

test("chat keeps the last lines, merged by id", () => {
  const line = (n: number): Change => ({
    type: "chat",
    id: `a.${n}`,
    from: { id: "a", name: "A" },
    text: String(n),
    at: n,
  });
  const lines = Array.from({ length: CHAT_KEPT + 5 }, (_, n) => line(n));
  const state = after(...lines, line(CHAT_KEPT + 4), {
    type: "chat_removed",
    id: "a.7",
    offset: 1,
  });
  expect(state.chat).toHaveLength(CHAT_KEPT - 1);
  expect(state.chat[0]?.text).toBe("5");
  expect(state.chat.at(-1)?.text).toBe(String(CHAT_KEPT + 4));
});

test("a try becomes an order, whichever of the two messages is first", () => {
  const trying: Change = { type: "reserving", id: "k", offer: "o1" };
  const reserved: Change = {
    type: "reserved",
    to: "k",
    offer: "o1",
    hold: "h1",
    quantity: 1,
    expires_at: 120,
  };
  const placed: Change = { type: "placed", order };
  for (const state of [after(trying, reserved, placed), after(trying, placed, reserved)]) {
    expect(state.attempts).toEqual({});
    expect(state.orders).toEqual([order]);
  }
});

test("a paid order stays paid when its placing is heard late", () => {
  const paid = { ...order, status: "paid" as const, paid_at: 50 };
  expect(after({ type: "paid", order: paid }, { type: "placed", order }).orders).toEqual([paid]);
});

test("a lapsed hold frees the buyer's limit to try again", () => {
  const state = after(
    { type: "placed", order },
    { type: "refused", to: "k2", offer: "o1", reason: "limit_reached" },
    { type: "released", hold: "h1", offer: "o1", reason: "lapsed", order: "ord_1" },
  );
  expect(state.orders[0]?.status).toBe("lapsed");
  expect(state.attempts).toEqual({});
});

test("who was beaten sees it, and that their money comes back if they had paid", () => {
  const beaten = { type: "released", hold: "h1", offer: "o1", reason: "sold_out" } as const;
  const told = after({ type: "placed", order }, { ...beaten, order: "ord_1" });
  expect(told.orders).toEqual([{ ...order, status: "sold_out" }]);
  const paid = applied(told, { ...beaten, order: "ord_1", money_back: true });
  expect(paid.orders).toEqual([{ ...order, status: "sold_out", money_back: true }]);
});

test("units that come back make a sold out offer worth another try", () => {
  const refused: Change = { type: "refused", to: "k", offer: "o1", reason: "sold_out" };
  const soldOut = after(shelf, refused, { type: "stock", offer: "o1", left: 0, version: 2 });
  expect(soldOut.attempts).toEqual({ o1: { phase: "refused", reason: "sold_out" } });
  const back = applied(soldOut, { type: "stock", offer: "o1", left: 1, version: 3 });
  expect(back.attempts).toEqual({});
});

test("a snapshot replaces what was known, and keeps the chat that was heard", () => {
  const state = after(
    shelf,
    { type: "pinned", offer: "o1", offset: 2 },
    { type: "chat", id: "a.1", from: { id: "a", name: "A" }, text: "hi", at: 1 },
    { ...JOINED, epoch: "new" },
  );
  expect(state.offers).toEqual([]);
  expect(state.pinned).toBeNull();
  expect(state.chat).toHaveLength(1);
});

test("a message from a newer server changes nothing", () => {
  const state = after(shelf);
  expect(applied(state, { type: "auction" } as unknown as Change)).toBe(state);
});

const said = (id: string, at: number): ChatLine => ({
  type: "chat",
  id,
  from: { id: id.split(".")[0] ?? "", name: "A" },
  text: id,
  at,
});

test("what a moderator takes away is gone: one line, or every line of one person", () => {
  const state = after(
    said("a.1", 1),
    said("b.1", 2),
    said("a.2", 3),
    said("c.1", 4),
    { type: "chat_removed", id: "c.1", offset: 1 },
    { type: "chat_cleared", sender: "a", offset: 2 },
  );
  expect(state.chat.map(({ id }) => id)).toEqual(["b.1"]);
});

test("what was taken away while nobody listened does not stay on screen", () => {
  const state = after(said("a.1", 1), said("b.1", 2), said("a.2", 3), {
    ...JOINED,
    epoch: "new",
    chat: [said("b.1", 2), said("c.1", 4)],
  });
  expect(state.chat.map(({ id }) => id)).toEqual(["a.1", "b.1", "c.1"]);
});

test("the line above the chat and the mode of the chat are as the last word says", () => {
  const pinned = after(
    { type: "comment_pinned", line: said("a.1", 1), offset: 1 },
    { type: "chat_mode", slow_s: 10, audience: "followers", offset: 2 },
  );
  expect(pinned.comment?.id).toBe("a.1");
  expect([pinned.slow_s, pinned.audience]).toEqual([10, "followers"]);
  const after_all = [
    { type: "comment_unpinned", offset: 3 } as const,
    { type: "chat_mode", offset: 4 } as const,
  ].reduce(applied, pinned);
  expect(after_all.comment).toBeNull();
  expect([after_all.slow_s, after_all.audience]).toEqual([0, "everyone"]);
});

test("a parcel's news reaches every order in it, and leaves one that was taken out", () => {
  const shipment: ShipmentView = {
    id: "shp_1",
    show: "tea-time",
    buyer: "acc_1",
    buyer_name: "Ada",
    state: "shipped",
    option: "Standard",
    orders: ["ord_1"],
    opened_at: 10,
    carrier: "DHL",
  };
  const out = { ...order, id: "ord_2", hold: "h2", shipment: "shp_1", shipment_state: "open" } as const;
  const orders = [order, out];
  const after = applied({ ...empty, orders }, { type: "shipment", shipment });
  expect(after.orders[0]).toEqual({
    ...order,
    shipment: "shp_1",
    shipment_state: "shipped",
    carrier: "DHL",
  });
  expect(after.orders[1]).toEqual({ ...order, id: "ord_2", hold: "h2" });
});
