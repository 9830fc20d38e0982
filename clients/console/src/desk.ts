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
import { moderatingOf, type Moderating } from "./moderation.ts";
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

/** Faster than a host reads the list, slower than orders come in a flash sale. */
const ORDERS_APART_MS = 800;

/** Pages read again for orders that await payment: a pay window of orders, not all of them. */
const PAGES_READ_AGAIN = 5;

export interface Desk {
  readonly show: string;
  readonly room: ReadonlySignal<RoomState>;
  readonly offers: ReadonlySignal<readonly OfferView[]>;
  /** Whether who is signed in runs this show; orders and deeds are for them alone. */
  readonly mine: ReadonlySignal<boolean>;
  /** Whether who is signed in may moderate the chat. */
  readonly moderates: ReadonlySignal<boolean>;
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
  pin(offer: string): Promise<boolean>;
  unpin(offer: string): Promise<boolean>;
  open(offer: string, how: OpenOffer): Promise<boolean>;
  close(offer: string): Promise<boolean>;
  /** Rejected with the `ApiError`: what is wrong with an offer is said where it is filled in. */
  add(offer: NewOffer): Promise<void>;
  refund(order: OrderView, what: NewRefund): Promise<boolean>;
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
  readonly failed: (error: unknown) => void;
}

export function deskOf(show: string, { room: joined, shop, failed }: Surroundings): Desk {
  const room = signal(joined.state);
  const connection = signal(joined.phase);
  const shut = signal<RoomError | null>(null);
  const book = signal(NO_ORDERS);
  const tally = signal(joined.state.tally);
  // What this host has just put into the bag, until the room says so too.
  const added = signal<readonly OfferView[]>([]);
  const { doing, attempt } = deeds(failed);
  const mine = computed(() => {
    const { you, show } = room.value;
    return you !== null && (you.id === show?.host || you.role === "admin");
  });

  const orders = coalesced(async () => {
    if (!mine.value) return;
    try {
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

  const stop = [
    joined.on("state", (state) => (room.value = state)),
    joined.on("phase", (phase) => {
      connection.value = phase;
      if (phase === "live") orders.ask();
    }),
    joined.on("message", (message) => {
      if (message.type !== "tally") return;
      tally.value = message;
      orders.ask();
    }),
    joined.on("closed", (why) => (shut.value = why)),
  ];

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
    mine,
    moderates: computed(() => mine.value || room.value.you?.moderates === true),
    moderation: moderatingOf(show, shop, attempt),
    coupons: couponingOf(show, shop, attempt),
    connection,
    shut,
    book,
    doing,
    tally,
    offers: computed(() => {
      const known = new Set(room.value.offers.map(({ id }) => id));
      return [...room.value.offers, ...added.value.filter(({ id }) => !known.has(id))];
    }),
    start: () => attempt("show", () => shop.startShow(show)),
    end: () => attempt("show", () => shop.endShow(show)),
    pin: (offer) => attempt(`pin ${offer}`, () => shop.pin(offer)),
    unpin: (offer) => attempt(`pin ${offer}`, () => shop.unpin(offer)),
    open: (offer, how) => attempt(`sell ${offer}`, () => shop.openOffer(offer, how)),
    close: (offer) => attempt(`sell ${offer}`, () => shop.closeOffer(offer)),
    async add(offer) {
      const draft = await shop.addOffer(show, offer);
      added.value = [...added.value, draft];
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
      for (const unsubscribe of stop) unsubscribe();
      joined.leave();
    },
  };
}
