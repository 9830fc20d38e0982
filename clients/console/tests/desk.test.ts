import type { OrderList, RoomEvents, RoomState, ServerMessage, Tally } from "@liveshop/client";
import { empty } from "@liveshop/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { deskOf, type Surroundings } from "../src/desk.ts";
import type { Shop } from "../src/shop.ts";
import { PERMISSIONS, type Permission } from "../src/standing.ts";
import { offer, order } from "./samples.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const HERS: RoomState = {
  ...empty,
  you: { id: "acc_mei", name: "Mei", role: "host" },
  show: { id: "tea-time", title: "Tea time", host: "acc_mei", host_name: "Mei", state: "live" },
};

const TALLY: ServerMessage = {
  type: "tally",
  orders: 3,
  paid: 2,
  awaiting: 1,
  units: 2,
  takings_minor: 1800,
  currency: "USD",
};

/** A room that says what the test tells it to say, and remembers that it was left. */
function fakeRoom(state: RoomState) {
  const listeners = new Map<keyof RoomEvents, (value: never) => void>();
  const left = vi.fn();
  const room: Surroundings["room"] = {
    state,
    phase: "live",
    on(name, listener) {
      listeners.set(name, listener);
      return () => listeners.delete(name);
    },
    say: async () => {},
    leave: left,
  };
  function tell<Name extends keyof RoomEvents>(name: Name, value: RoomEvents[Name]) {
    const listener = listeners.get(name) as ((value: RoomEvents[Name]) => void) | undefined;
    listener?.(value);
  }
  return { room, tell, left };
}

const NOTHING_KEPT = { getItem: () => null, setItem: () => {}, removeItem: () => {} };

/** A shop with these orders; a call that the test does not expect fails it. */
function fakeShop(calls: Partial<Shop>): Shop {
  const unexpected = (name: string) => () => Promise.reject(new Error(`unexpected: ${name}`));
  return new Proxy(calls, {
    get: (known, name) => Reflect.get(known, name) ?? unexpected(String(name)),
  }) as Shop;
}

function opened(
  state: RoomState,
  calls: Partial<Shop>,
  permissions: readonly Permission[] = PERMISSIONS,
) {
  const { room, tell, left } = fakeRoom(state);
  const failed = vi.fn();
  const desk = deskOf("tea-time", {
    room,
    shop: fakeShop(calls),
    held: (host) => (host === "acc_mei" ? permissions : []),
    failed,
    kept: NOTHING_KEPT,
    ordered: () => {},
  });
  return { desk, tell, left, failed };
}

test("a tally is shown at once, and the orders behind it are read", async () => {
  const orders = vi.fn(async (): Promise<OrderList> => ({ orders: [order("a")] }));
  const { desk, tell } = opened(HERS, { orders });
  tell("message", TALLY);
  expect(desk.tally.value).toEqual(TALLY);
  await vi.advanceTimersByTimeAsync(0);
  expect(desk.book.value.orders.map(({ id }) => id)).toEqual(["a"]);
});

test("a storm of tallies reads the orders at a walking pace", async () => {
  const orders = vi.fn(async (): Promise<OrderList> => ({ orders: [] }));
  const { tell } = opened(HERS, { orders });
  for (let n = 0; n < 100; n += 1) {
    tell("message", TALLY);
    await vi.advanceTimersByTimeAsync(20);
  }
  expect(orders.mock.calls.length).toBe(3);
});

test("coming back after a lost connection reads the orders again", async () => {
  const orders = vi.fn(async (): Promise<OrderList> => ({ orders: [] }));
  const { desk, tell } = opened(HERS, { orders });
  tell("phase", "waiting");
  expect(desk.connection.value).toBe("waiting");
  expect(orders).toHaveBeenCalledTimes(0);
  tell("phase", "live");
  await vi.advanceTimersByTimeAsync(0);
  expect(orders).toHaveBeenCalledTimes(1);
});

test("orders that await payment further down are read again with the newest", async () => {
  const waiting = order("b", { status: "awaiting_payment" });
  const pages: Record<string, OrderList> = {
    "": { orders: [order("c")], next: "c" },
    c: { orders: [waiting, order("a")], next: "a" },
  };
  const orders = vi.fn(
    async (_show: string, after = ""): Promise<OrderList> => pages[after] ?? { orders: [] },
  );
  const { desk, tell } = opened(HERS, { orders });
  tell("message", TALLY);
  await vi.advanceTimersByTimeAsync(1000);
  await desk.earlierOrders();
  pages["c"] = { orders: [{ ...waiting, status: "lapsed" }, order("a")], next: "a" };
  tell("message", TALLY);
  await vi.advanceTimersByTimeAsync(0);
  expect(desk.book.value.orders.map(({ id, status }) => [id, status])).toEqual([
    ["c", "paid"],
    ["b", "lapsed"],
    ["a", "paid"],
  ]);
});

const LATER: RoomState = { ...HERS, you: { id: "acc_pat", name: "Pat", role: "viewer" } };

test("who has no place in the shop asks for nothing and may do nothing", async () => {
  const { desk, tell, failed } = opened(LATER, {}, []);
  tell("phase", "live");
  tell("message", TALLY);
  await vi.advanceTimersByTimeAsync(1000);
  expect(desk.granted.value).toEqual([]);
  expect(failed).toHaveBeenCalledTimes(0);
});

test("a member reads the orders, or the figures alone, as they may", async () => {
  const orders = vi.fn(async (): Promise<OrderList> => ({ orders: [order("a")] }));
  const packer = opened(LATER, { orders }, ["orders"]);
  packer.tell("phase", "live");
  await vi.advanceTimersByTimeAsync(1000);
  expect(packer.desk.book.value.orders.map(({ id }) => id)).toEqual(["a"]);
  // Nobody tells them of new ones.
  await vi.advanceTimersByTimeAsync(10_000);
  expect(orders).toHaveBeenCalledTimes(2);
  packer.desk.leave();
  await vi.advanceTimersByTimeAsync(20_000);
  expect(orders).toHaveBeenCalledTimes(2);

  const tally = vi.fn(async () => TALLY as Tally);
  const clerk = opened(LATER, { tally }, ["numbers"]);
  clerk.tell("phase", "live");
  await vi.advanceTimersByTimeAsync(1000);
  expect(clerk.desk.tally.value).toEqual(TALLY);
  expect([packer.failed, clerk.failed].map(({ mock }) => mock.calls)).toEqual([[], []]);
});

test("a moderator of this one show is one here, whatever their place in the shop", () => {
  const you = { ...LATER.you!, moderates: true };
  const { desk } = opened({ ...LATER, you }, {}, ["orders"]);
  expect(desk.granted.value).toEqual(["moderate", "orders"]);
  expect([desk.may("moderate"), desk.may("team"), desk.may("team", "orders")]).toEqual([
    true,
    false,
    true,
  ]);
});

test("what the room said at the door is forgotten when the shop refuses, until the next door", async () => {
  const refusal = Object.assign(new Error("no"), { code: "not_permitted" });
  const state = { ...LATER, you: { ...LATER.you!, moderates: true } };
  const moderate = () => Promise.reject(refusal);
  const { desk, tell, failed } = opened(state, { moderate, notes: async () => ({ notes: [] }) }, []);
  expect(await desk.moderation.unpin()).toBe(false);
  expect(failed.mock.calls).toEqual([[refusal]]);
  expect(desk.granted.value).toEqual([]);
  tell("phase", "live");
  expect(desk.granted.value).toEqual(["moderate"]);
});

test("an added offer is in the run at once, and once only when the room tells of it", async () => {
  const draft = offer({ id: "ofr_new", state: "draft" });
  const { desk, tell } = opened(HERS, { addOffer: async () => draft });
  await desk.add({ variant: "var_1", quantity: 20 });
  expect(desk.offers.value).toEqual([draft]);
  const told = { ...draft, state: "open" as const };
  tell("state", { ...HERS, offers: [told] });
  expect(desk.offers.value).toEqual([told]);
});

test("what the shop refuses is said, and changes nothing", async () => {
  const refused = new Error("not enough stock");
  const { desk, failed } = opened(HERS, { openOffer: () => Promise.reject(refused) });
  expect(await desk.open("ofr_1", { countdown_s: 10 })).toBe(false);
  expect(failed.mock.calls).toEqual([[refused]]);
  expect(desk.room.value).toBe(HERS);
});

test("a desk that was left hears nothing any more", async () => {
  const orders = vi.fn(async (): Promise<OrderList> => ({ orders: [] }));
  const { desk, tell, left } = opened(HERS, { orders });
  desk.leave();
  tell("message", TALLY);
  await vi.advanceTimersByTimeAsync(1000);
  expect(left).toHaveBeenCalledTimes(1);
  expect(orders).toHaveBeenCalledTimes(0);
  expect(desk.tally.value).toBeNull();
});

const PLANNED: RoomState = { ...HERS, show: { ...HERS.show!, state: "draft" } };

test("the team of a planned show is told of its rehearsal", async () => {
  const show = vi.fn(async () => ({ show: PLANNED.show!, offers: [], rehearsal: "tea-rehearsal" }));
  const { desk, tell } = opened(PLANNED, { show }, ["numbers"]);
  tell("phase", "live");
  await vi.waitFor(() => expect(desk.rehearsal.value).toBe("tea-rehearsal"));
});

test("nobody asks for a rehearsal of a show that is live, or of a rehearsal", async () => {
  const show = vi.fn();
  const practised = { ...PLANNED, show: { ...PLANNED.show!, rehearses: "tea-time" } };
  for (const state of [HERS, practised]) {
    const { tell } = opened(state, { show }, ["numbers"]);
    tell("phase", "live");
  }
  await vi.advanceTimersByTimeAsync(0);
  expect(show).not.toHaveBeenCalled();
});

test("a rehearsal that could not be opened is said, and leads nowhere", async () => {
  const refused = new Error("the show has started");
  const rehearse = vi
    .fn<Shop["rehearse"]>()
    .mockRejectedValueOnce(refused)
    .mockResolvedValueOnce({ ...PLANNED.show!, id: "tea-rehearsal", rehearses: "tea-time" });
  const { desk, failed } = opened(PLANNED, { rehearse });
  expect(await desk.rehearse()).toBe(null);
  expect(failed).toHaveBeenCalledWith(refused);
  expect(await desk.rehearse()).toBe("tea-rehearsal");
});
