/**
 * One show as its host works on it: the room as the socket tells it, the orders as the HTTP
 * interface tells them, and everything a host can do. Views read its signals and call it; they
 * never see the socket.
 */
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type {
  NewOffer,
  NewRefund,
  OfferView,
  OpenOffer,
  OrderView,
  Parcel,
  Phase as Connection,
  Room,
  RoomError,
  RoomState,
  Saying,
  Sending,
  ShipmentView,
  Tally,
} from "@liveshop/client";
import { coalesced } from "./coalesce.ts";
import { couponingOf, type Couponing } from "./coupons.ts";
import { deeds, type Deeds } from "./deeds.ts";
import { arranged, moved, type Before } from "./lineup.ts";
import { moderatingOf, type Moderating } from "./moderation.ts";
import { notebookOf, type Notebook } from "./notebook.ts";
import {
  awaitsBelow,
  NO_ORDERS,
  withNewest,
  withOlder,
  withOrder,
  withShipment,
  type OrderBook,
} from "./orderbook.ts";
import type { Shop } from "./shop.ts";
import { isNotPermitted, PERMISSIONS, type Permission } from "./standing.ts";

/** Faster than a host reads the list, slower than orders come in a flash sale. */
const ORDERS_APART_MS = 800;

/** Longer than it takes until the room hears of a new order. */
const ORDER_HEARD_MS = 3_000;

/** Who packs and sees no figures hears no tally: they look by themselves. */
const ORDERS_UNTOLD_MS = 10_000;

/** Pages read again for orders that await payment: a pay window of orders, not all of them. */
const PAGES_READ_AGAIN = 5;

export interface Desk {
  readonly show: string;
  readonly room: ReadonlySignal<RoomState>;
  readonly offers: ReadonlySignal<readonly OfferView[]>;
  /** What who is signed in may do in this show; orders and deeds are for those who may. */
  readonly granted: ReadonlySignal<readonly Permission[]>;
  /** Whether any of these is among it. */
  may(...anyOf: readonly Permission[]): boolean;
  readonly moderation: Moderating;
  readonly coupons: Couponing;
  readonly connection: ReadonlySignal<Connection>;
  /** Why the room does not let us in, once it says so. */
  readonly shut: ReadonlySignal<RoomError | null>;
  readonly book: ReadonlySignal<OrderBook>;
  readonly tally: ReadonlySignal<Tally | null>;
  readonly doing: Deeds["doing"];
  start(): Promise<boolean>;
  end(): Promise<boolean>;
  /** The rehearsal of this planned show that has not ended, for its team. */
  readonly rehearsal: ReadonlySignal<string | null>;
  /** Open a rehearsal, or the one that is open; answers with it, or with nothing if it failed. */
  rehearse(): Promise<string | null>;
  pin(offer: string): Promise<boolean>;
  unpin(offer: string): Promise<boolean>;
  open(offer: string, how: OpenOffer): Promise<boolean>;
  extend(offer: string, by_s: number): Promise<boolean>;
  close(offer: string): Promise<boolean>;
  /** Seen at once; one after the other, so that a key that is held moves a place a press. */
  move(offer: string, before: Before): Promise<void>;
  readonly notebook: Notebook;
  /**
   * Put it into the bag; with a moment (Unix ms), it opens by itself then. Rejected with the
   * `ApiError`: what is wrong with an offer is said where it is filled in.
   */
  add(offer: NewOffer, opens_at?: number): Promise<void>;
  refund(order: OrderView, what: NewRefund): Promise<boolean>;
  declineRefund(order: OrderView, answer: string): Promise<boolean>;
  /** Where an order goes, and what travels with it. */
  parcelOf(order: OrderView): Promise<Parcel>;
  pack(order: OrderView): Promise<boolean>;
  ship(order: OrderView, how: Sending): Promise<boolean>;
  deliver(order: OrderView): Promise<boolean>;
  packList(): Promise<Blob | null>;
  say(text: string, saying?: Saying): Promise<boolean>;
  earlierOrders(): Promise<boolean>;
  leave(): void;
}

export interface Surroundings {
  readonly room: Pick<Room, "state" | "phase" | "on" | "say" | "leave">;
  readonly shop: Shop;
  /** What may be done in the shop of a host. */
  readonly held: (host: string) => readonly Permission[];
  readonly failed: (error: unknown) => void;
  /** Where words that are not saved yet are kept. */
  readonly kept: Pick<Storage, "getItem" | "setItem" | "removeItem">;
  /** Somebody has just ordered. */
  readonly ordered: () => void;
}

export function deskOf(
  show: string,
  { room: joined, shop, held, failed, kept, ordered }: Surroundings,
): Desk {
  const room = signal(joined.state);
  const connection = signal(joined.phase);
  const shut = signal<RoomError | null>(null);
  const book = signal(NO_ORDERS);
  const tally = signal(joined.state.tally);
  // What this host has just put into the bag, until the room says so too.
  const added = signal<readonly OfferView[]>([]);
  // The room says at the door who moderates; the shop knows better when it refuses later.
  const refused = signal(false);
  const said = (error: unknown): void => {
    if (isNotPermitted(error)) refused.value = true;
    failed(error);
  };
  const { doing, attempt } = deeds(said);
  const notebook = notebookOf(show, shop, kept, said);
  // The order that this host has asked for, until the room says so too.
  const wanted = signal<readonly string[] | null>(null);
  const rehearsal = signal<string | null>(null);
  let moving: Promise<unknown> = Promise.resolve();
  let settled: ReturnType<typeof setTimeout> | undefined;
  const offers = computed(() => {
    const known = new Set(room.value.offers.map(({ id }) => id));
    const bag = [...room.value.offers, ...added.value.filter(({ id }) => !known.has(id))];
    return wanted.value === null ? bag : arranged(bag, wanted.value);
  });
  const granted = computed(() => {
    const { you, show } = room.value;
    const given = show === null ? [] : held(show.host);
    // Moderators of this one show are told so by its room.
    const appointed = you?.moderates === true && !refused.value;
    return PERMISSIONS.filter(
      (each) => given.includes(each) || (each === "moderate" && appointed),
    );
  });
  const may = (...anyOf: readonly Permission[]) =>
    anyOf.some((each) => granted.value.includes(each));

  const orders = coalesced(async () => {
    try {
      if (may("numbers") && !may("orders")) tally.value = await shop.tally(show);
      if (!may("orders")) return;
      let page = await shop.orders(show);
      if (page.tally) tally.value = page.tally;
      book.value = withNewest(book.value, page);
      for (let read = 1; read < PAGES_READ_AGAIN; read += 1) {
        if (page.next === undefined || !awaitsBelow(book.value, page)) break;
        page = await shop.orders(show, page.next);
        book.value = withOlder(book.value, page);
      }
    } catch (error) {
      failed(error);
    }
  }, ORDERS_APART_MS);

  /** Somebody else of the team may have opened one. */
  async function lookForRehearsal(): Promise<void> {
    const planned = room.value.show?.state === "draft" && granted.value.length > 0;
    if (!planned || room.value.show?.rehearses !== undefined) return;
    try {
      rehearsal.value = (await shop.show(show)).rehearsal ?? null;
    } catch {
      // Without it one can still ask for it by hand.
    }
  }

  const stop = [
    joined.on("state", (state) => (room.value = state)),
    joined.on("phase", (phase) => {
      connection.value = phase;
      if (phase !== "live") return;
      refused.value = false;
      orders.ask();
      if (may("run_show", "moderate")) void notebook.read();
      void lookForRehearsal();
    }),
    joined.on("message", (message) => {
      if (message.type !== "tally") return;
      if (message.orders > (tally.value?.orders ?? message.orders)) ordered();
      tally.value = message;
      if (may("orders")) orders.ask();
    }),
    joined.on("closed", (why) => (shut.value = why)),
  ];

  const untold = setInterval(() => {
    if (may("orders") && !may("numbers") && connection.value === "live") orders.ask();
  }, ORDERS_UNTOLD_MS);

  /** What happens to a parcel happens to all orders in it. */
  const sent = (
    { shipment = "" }: OrderView,
    step: (shipment: string) => Promise<ShipmentView>,
  ): Promise<boolean> =>
    attempt(`parcel ${shipment}`, async () => {
      book.value = withShipment(book.value, await step(shipment));
      orders.ask();
    });

  return {
    show,
    room,
    granted,
    may,
    moderation: moderatingOf(show, shop, attempt),
    coupons: couponingOf(show, shop, attempt),
    connection,
    shut,
    book,
    doing,
    tally,
    offers,
    notebook,
    start: () => attempt("show", () => shop.startShow(show)),
    end: () => attempt("show", () => shop.endShow(show)),
    rehearsal,
    async rehearse() {
      await attempt("rehearse", async () => {
        rehearsal.value = (await shop.rehearse(show)).id;
      });
      return rehearsal.value;
    },
    pin: (offer) => attempt(`pin ${offer}`, () => shop.pin(offer)),
    unpin: (offer) => attempt(`pin ${offer}`, () => shop.unpin(offer)),
    open: (offer, how) => attempt(`sell ${offer}`, () => shop.openOffer(offer, how)),
    extend: (offer, by_s) => attempt(`sell ${offer}`, () => shop.extendOffer(offer, by_s)),
    move(offer, before) {
      clearTimeout(settled);
      const ids = offers.value.toSorted((a, b) => a.position - b.position).map(({ id }) => id);
      wanted.value = moved(ids, offer, before);
      const done = moving.then(async () => {
        try {
          await shop.moveOffer(show, offer, before);
        } catch (error) {
          wanted.value = null;
          failed(error);
        }
      });
      moving = done;
      void done.then(() => {
        if (moving !== done) return;
        settled = setTimeout(() => (wanted.value = null), ORDER_HEARD_MS);
      });
      return done;
    },
    close: (offer) => attempt(`sell ${offer}`, () => shop.closeOffer(offer)),
    async add(offer, opens_at) {
      const draft = await shop.addOffer(show, offer);
      added.value = [...added.value, draft];
      if (opens_at === undefined) return;
      // It is in the bag; should this be refused, it is said, and somebody opens it by hand.
      await attempt(`sell ${draft.id}`, () => shop.openOffer(draft.id, { opens_at }));
    },
    parcelOf: ({ shipment = "" }) => shop.parcel(shipment),
    pack: (order) => sent(order, (shipment) => shop.pack(shipment)),
    ship: (order, how) => sent(order, (shipment) => shop.ship(shipment, how)),
    deliver: (order) => sent(order, (shipment) => shop.deliver(shipment)),
    async packList() {
      let list: Blob | null = null;
      await attempt("pack-list", async () => {
        list = await shop.packList(show);
      });
      return list;
    },
    refund: (order, what) =>
      attempt(`refund ${order.id}`, async () => {
        const refunded = await shop.refund(order.id, what);
        book.value = withOrder(book.value, refunded);
        orders.ask();
      }),
    declineRefund: (order, answer) =>
      attempt(`refund ${order.id}`, async () => {
        book.value = withOrder(book.value, await shop.declineRefund(order.id, answer));
      }),
    say: (text, saying) => attempt("say", () => joined.say(text, saying)),
    earlierOrders: () =>
      attempt("earlier", async () => {
        const { next } = book.value;
        if (next === undefined) return;
        const page = await shop.orders(show, next);
        book.value = withOlder(book.value, page);
      }),
    leave() {
      orders.stop();
      notebook.stop();
      clearTimeout(settled);
      clearInterval(untold);
      for (const unsubscribe of stop) unsubscribe();
      joined.leave();
    },
  };
}
