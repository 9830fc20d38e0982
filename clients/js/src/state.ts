/**
 * What a room looks like from inside: `applied(state, change)`. A message that is older than what
 * is known changes nothing, so applying one twice is harmless.
 */

import { attempted, type Attempts, type Reserving } from "./attempts.ts";
import { before, withLine, withLines, withoutLine, withoutSender } from "./chat.ts";
import { queuedUp, type Queues } from "./queue.ts";
import { linedUp, type Lines } from "./waitlist.ts";
import type {
  Arrivals,
  ChatLine,
  ChatMode,
  CouponCard,
  Joined,
  Notice,
  OfferView,
  OrderView,
  Released,
  Sender,
  ServerMessage,
  ShipmentView,
  ShowView,
  Stock,
  Tally,
  You,
} from "./messages.ts";

export interface RoomState {
  /** Nobody until the first `joined`. */
  readonly you: You | null;
  readonly show: ShowView | null;
  /** By place in the bag. */
  readonly offers: readonly OfferView[];
  /** The id of the offer on screen. */
  readonly pinned: string | null;
  /** The coupon on screen. */
  readonly coupon: CouponCard | null;
  readonly viewers: number;
  readonly likes: number;
  /** Who is here by name; empty in a room that is not small. */
  readonly people: readonly Sender[];
  /** Who came in last; soon stale. */
  readonly arrivals: Arrivals | null;
  /** Oldest first. */
  readonly chat: readonly ChatLine[];
  /** The line above the chat. */
  readonly comment: ChatLine | null;
  /** Seconds between two lines of one person; moderators are free. */
  readonly slow_s: number;
  /** Who may chat. */
  readonly audience: NonNullable<ChatMode["audience"]>;
  /** Yours, newest first. */
  readonly orders: readonly OrderView[];
  /** Your tries for an offer that are not orders (yet), by the offer's id. */
  readonly attempts: Attempts;
  /** Where you wait for what comes back, by the offer's id. */
  readonly lines: Lines;
  /** The queues of offers that have one, by the offer's id. */
  readonly queues: Queues;
  readonly tally: Tally | null;
  readonly notice: Notice | null;
}

/** What changes a state: what the server says, and a try that has just been sent. */
export type Change = ServerMessage | Reserving;

export const empty: RoomState = {
  you: null,
  show: null,
  offers: [],
  pinned: null,
  coupon: null,
  viewers: 0,
  likes: 0,
  people: [],
  arrivals: null,
  chat: [],
  comment: null,
  slow_s: 0,
  audience: "everyone",
  orders: [],
  attempts: {},
  lines: {},
  queues: {},
  tally: null,
  notice: null,
};

export function applied(state: RoomState, change: Change): RoomState {
  const attempts = attempted(state.attempts, change, state.orders);
  const lines = change.type === "reserving" ? state.lines : linedUp(state.lines, change);
  const queues = change.type === "reserving" ? state.queues : queuedUp(state.queues, change);
  const same = attempts === state.attempts && lines === state.lines && queues === state.queues;
  const next = same ? state : { ...state, attempts, lines, queues };
  switch (change.type) {
    case "joined":
      return joined(next, change);
    case "show":
      return { ...next, show: change.show };
    case "offer":
      return { ...next, offers: withOffer(next.offers, change.offer) };
    case "pinned":
      return { ...next, pinned: change.offer };
    case "unpinned":
      return { ...next, pinned: null };
    case "coupon_pinned":
      return { ...next, coupon: change.coupon };
    case "coupon_unpinned":
      return { ...next, coupon: null };
    case "stock":
      return { ...next, offers: withStock(next.offers, change) };
    case "pulse":
      return { ...next, viewers: change.viewers, likes: change.likes };
    case "people":
      return { ...next, people: change.people };
    case "arrivals":
      return { ...next, arrivals: change };
    case "chat":
      return { ...next, chat: withLine(next.chat, change) };
    case "chat_removed":
      return { ...next, chat: withoutLine(next.chat, change.id) };
    case "chat_cleared":
      return { ...next, chat: withoutSender(next.chat, change.sender) };
    case "chat_mode":
      return { ...next, slow_s: change.slow_s ?? 0, audience: change.audience ?? "everyone" };
    case "comment_pinned":
      return { ...next, comment: change.line };
    case "comment_unpinned":
      return { ...next, comment: null };
    case "notice":
      return { ...next, notice: change };
    case "placed":
    case "paid":
    case "refunded":
      return { ...next, orders: withOrder(next.orders, change.order) };
    case "shipment":
      return { ...next, orders: next.orders.map((order) => withShipment(order, change.shipment)) };
    case "released":
      return { ...next, orders: next.orders.map((order) => withRelease(order, change)) };
    case "tally":
      return { ...next, tally: change };
    case "reserving":
    case "reserved":
    case "refused":
    case "stock_low":
    case "waiting":
    case "unwaited":
    case "entered":
    case "admitted":
    case "queue":
    case "ok":
    case "error":
    case "pong":
    case "skipped":
      return next;
    default:
      return unknown(change, next);
  }
}

/** A newer server may say more than this client knows: it is not for us. */
function unknown(_message: never, state: RoomState): RoomState {
  return state;
}

function joined(state: RoomState, { you, snapshot, chat }: Joined): RoomState {
  const here = { ...state, you, orders: you.orders ?? [], arrivals: null };
  if (snapshot === undefined) return { ...here, chat: withLines(state.chat, chat) };
  const { show, offers, pinned, coupon, viewers, likes, comment, slow_s, audience } = snapshot;
  return {
    ...here,
    show,
    offers: inOrder(offers),
    pinned: pinned ?? null,
    coupon: coupon ?? null,
    viewers,
    likes,
    comment: comment ?? null,
    slow_s: slow_s ?? 0,
    audience: audience ?? "everyone",
    chat: withLines(before(state.chat, chat[0]), chat),
  };
}

function withOffer(offers: readonly OfferView[], offer: OfferView): readonly OfferView[] {
  const known = offers.find(({ id }) => id === offer.id);
  // The event may have been written before the stock that is known already.
  const newer = known !== undefined && known.version > offer.version;
  const merged = newer ? { ...offer, left: known.left, version: known.version } : offer;
  return inOrder([...offers.filter(({ id }) => id !== offer.id), merged]);
}

function withStock(offers: readonly OfferView[], stock: Stock): readonly OfferView[] {
  const { left, version } = stock;
  return offers.map((offer) =>
    offer.id === stock.offer && offer.version < version ? { ...offer, left, version } : offer,
  );
}

function inOrder(offers: readonly OfferView[]): readonly OfferView[] {
  return offers.toSorted((a, b) => a.position - b.position || a.id.localeCompare(b.id));
}

function withOrder(orders: readonly OrderView[], order: OrderView): readonly OrderView[] {
  const others = orders.filter(({ id }) => id !== order.id);
  const known = orders.find(({ id }) => id === order.id);
  // `placed` may come after `paid`, when the two were whispered by different processes.
  const settled = known !== undefined && known.status !== "awaiting_payment";
  const latest = settled && order.status === "awaiting_payment" ? known : order;
  return [...others, latest].toSorted((a, b) => b.placed_at - a.placed_at);
}

function withShipment(order: OrderView, shipment: ShipmentView): OrderView {
  const { id, state, carrier, tracking } = shipment;
  const travels = shipment.orders.includes(order.id);
  if (!travels && order.shipment !== id) return order;
  const { shipment: _id, shipment_state: _state, carrier: _by, tracking: _as, ...alone } = order;
  // It may have been refunded, and taken out before the parcel left.
  if (!travels) return alone;
  return {
    ...alone,
    shipment: id,
    shipment_state: state,
    ...(carrier !== undefined && { carrier }),
    ...(tracking !== undefined && { tracking }),
  };
}

function withRelease(order: OrderView, released: Released): OrderView {
  if (order.hold !== released.hold) return order;
  const ended = { ...order, status: released.reason };
  return released.money_back ? { ...ended, money_back: true } : ended;
}
