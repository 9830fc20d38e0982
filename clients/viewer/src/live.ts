/**
 * The show on this page: the SDK's room as signals, and what a viewer can do in it. Views read
 * the signals and call the deeds; they see neither a socket nor a promise that fails.
 */

import {
  enter,
  type OfferView,
  type OrderView,
  type PaymentStarted,
  type Phase,
  type Released,
  RoomError,
  type RoomState,
  type Saying,
  type ShipmentView,
} from "@liveshop/client";
import { clockOffset, device, duration, serverNow, toast } from "@liveshop/ui";
import { batch, computed, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import { account, comeAsTeam, shop, takeName } from "./account.ts";
import { claim, claimOf } from "./coupon.ts";
import { explain } from "./explain.ts";
import { type Hush, hushOf, hushOfMode } from "./hush.ts";
import { celebrate } from "./joy.ts";
import { onScreen } from "./onscreen.ts";
import type { Player } from "./player.ts";
import { awaiting } from "./offering.ts";
import { goTo, shopPage } from "./shoppage.ts";
import type { Deck } from "./replay.ts";
import { type Talk, talkOf } from "./talk.ts";
import { counterOf, needsNoTill, type Till, tillOf } from "./till.ts";
import { t, type Word } from "./words/index.ts";

export interface Live {
  readonly id: string;
  /** The room but for its chat, which changes more often than all the rest. */
  readonly state: ReadonlySignal<Besides>;
  /** What was said, oldest first. */
  readonly chat: ReadonlySignal<RoomState["chat"]>;
  readonly phase: ReadonlySignal<Phase>;
  /** The id of the offer on screen; it comes when the picture gets to it. */
  readonly onScreen: ReadonlySignal<string | null>;
  /** The show is over, and this is it again; `null` in a live room. */
  readonly replay: Deck | null;
  /** Go on to the replay, if there is one by now. */
  again(): Promise<void>;
  /** What plays the video, while the page shows one. */
  readonly player: Signal<Player | null>;
  /** Why the room is shut to this viewer. */
  readonly shut: ReadonlySignal<RoomError | null>;
  /** What waits until the viewer has a name. */
  readonly nameless: ReadonlySignal<(() => void) | null>;
  /** Why this viewer's last line was refused, or the next one would be. */
  readonly hush: ReadonlySignal<Hush | null>;
  readonly follows: ReadonlySignal<boolean>;
  /** Whether the room took it; a viewer without a name says it once they have one. */
  say(text: string, saying?: Saying): Promise<boolean>;
  /** What is about to be said. */
  readonly talk: Talk;
  like(count: number): void;
  /** An offer was pressed; the host sees how many do. */
  click(offer: OfferView): void;
  buy(offer: OfferView): void;
  /** Enter the queue of an offer, or hear where one stands. */
  enter(offer: OfferView): void;
  /** Wait for what comes back of a sold-out offer, or hear where one stands. */
  wait(offer: OfferView): void;
  unwait(offer: OfferView): void;
  pay(order: OrderView): Promise<void>;
  /** Begin to pay for one order, and say where that is done; rejected with an `ApiError`. */
  begin(order: OrderView): Promise<string>;
  /** What is being paid for, while the page asks how. */
  readonly till: ReadonlySignal<Till | null>;
  /** Pay what the till says. */
  settle(): Promise<void>;
  leaveTill(): void;
  cancel(order: OrderView): Promise<void>;
  follow(): void;
  /** What was refused is being written anew. */
  rewrite(): void;
  /** Take a name, come back under it, and do what waited for it. */
  beCalled(name: string): Promise<void>;
  stayNameless(): void;
  leave(): void;
}

export type Besides = Omit<RoomState, "chat">;

/** Whether more than the chat is different: a line should cost the cards nothing. */
function differs(now: RoomState, next: RoomState): boolean {
  const keys = Object.keys(next) as (keyof RoomState)[];
  return keys.some((key) => key !== "chat" && now[key] !== next[key]);
}

const LiveContext = createContext<Live | null>(null);
export const LiveProvider = LiveContext.Provider;

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error("this view belongs inside a LiveProvider");
  return live;
}

/** A token that is no good any more: the viewer goes on watching without it. */
const STALE_TOKEN: readonly string[] = ["bad_token", "expired_token"];

/** `again` brings the replay to the page; it says whether there is one. */
export function openLive(id: string, again: () => Promise<boolean>): Live {
  const url = new URL("/ws", location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  const room = enter({ url: url.href, room: id, token: account.current.value?.token ?? null, device: device() });

  const state = signal(room.state);
  const chat = signal(room.state.chat);
  const phase = signal(room.phase);
  const shut = signal<RoomError | null>(null);
  const nameless = signal<(() => void) | null>(null);
  const player = signal<Player | null>(null);
  const refused = signal<Hush | null>(null);
  const follows = signal(false);
  const till = signal<Till | null>(null);
  const mode = computed(() => hushOfMode(state.value, follows.value));
  const hush = computed(() => refused.value ?? mode.value);
  /** Forgets a refusal that ends by itself. */
  let ending: ReturnType<typeof setTimeout> | undefined;
  /** Gives back the line that waits for a name. */
  let unsaid: (() => void) | null = null;

  function refuse(why: Hush | null): void {
    clearTimeout(ending);
    refused.value = why;
    if (why?.until === undefined) return;
    ending = setTimeout(() => (refused.value = null), why.until - serverNow());
  }

  function show(next: RoomState): void {
    batch(() => {
      chat.value = next.chat;
      if (differs(state.peek(), next)) state.value = next;
    });
  }

  // A page in the background draws nothing; it is brought up to date when it is looked at again.
  room.on("state", (next) => {
    if (!document.hidden) show(next);
  });
  room.on("phase", (next) => (phase.value = next));
  room.on("clock", (offset) => (clockOffset.value = offset));
  room.on("closed", (why) => {
    // What is not there for this viewer may be there for the shop's team.
    const team = why.code === "unknown_show" ? comeAsTeam() : null;
    if (team !== null) return room.authenticate(team);
    if (!STALE_TOKEN.includes(why.code)) return void (shut.value = why);
    account.signOut();
    room.authenticate(null);
  });
  room.on("message", (message) => {
    if (message.type === "joined") follows.value = message.you.follows ?? false;
    const turn = message.type === "reserved" && message.waited && message.to === undefined;
    if (turn) toast(t("your_turn"), "good");
    if (message.type === "unwaited" && message.reason === "limit_reached") {
      toast(t("refused_limit_reached"));
    }
    if (message.type === "admitted") toast(t("your_turn_now"), "good");
    if (message.type === "entered" && message.to === undefined && message.place) {
      toast(t("drew_place", { place: message.place }));
    }
    if (message.type === "placed") {
      const { title, pay_by, first_paid } = message.order;
      const left = duration((pay_by - serverNow()) / 1000);
      toast(t(first_paid ? "race_on" : "got_it", { title, left }), "good");
      // Nothing is won before it is paid.
      if (!first_paid) celebrate();
    }
    if (message.type === "paid") toast(t("paid_toast", { title: message.order.title }), "good");
    if (message.type === "refunded") toast(t("released_refunded"));
    if (message.type === "shipment") tellOfParcel(message.shipment);
    if (message.type === "released") toast(t(releasedWord(message)));
  });

  const wake = (): void => {
    if (document.hidden) return;
    show(room.state);
    room.wake();
  };
  addEventListener("online", wake);
  document.addEventListener("visibilitychange", wake);

  /** Straight to the gateway where there is nothing to ask. */
  async function goToTill(order: OrderView): Promise<void> {
    const others = awaiting(state.value.orders, serverNow()).filter(({ id }) => id !== order.id);
    const orders = order.show === id ? [order, ...others] : [order];
    if (await shopPage.peek()?.takes(orders)) return;
    const counter = await counterOf(shop, order.show);
    const coupon = claimOf(order.show);
    if (needsNoTill(orders, counter, coupon)) goTo(await begin(order));
    else {
      // What does not hold is not brought along the next time.
      const forget = (code: string): void => {
        if (code === claimOf(order.show)) claim(order.show, null);
      };
      till.value = tillOf(shop, orders, counter, coupon, forget);
    }
  }

  /** Do it now, or as soon as the viewer has a name. */
  function named(deed: () => void): void {
    if (account.current.value) deed();
    else nameless.value = deed;
  }

  return {
    id,
    state,
    chat,
    phase,
    onScreen: onScreen(room, () => player.peek()?.behind_ms() ?? 0),
    player,
    replay: null,
    shut,
    nameless,
    hush,
    follows,
    talk: talkOf(),
    say: (text, saying) =>
      new Promise((resolve) => {
        unsaid?.();
        unsaid = account.current.value ? null : () => resolve(false);
        named(() => {
          unsaid = null;
          room.say(text, saying).then(
            () => {
              resolve(true);
              const { slow_s, you } = state.value;
              const waits = slow_s > 0 && you?.moderates !== true;
              refuse(waits ? { code: "slow_mode", until: serverNow() + slow_s * 1000 } : null);
            },
            (why: unknown) => {
              resolve(false);
              const hushed = hushOf(why, serverNow());
              if (hushed) refuse(hushed);
              else explain(why);
            },
          );
        });
      }),
    like: (count) => room.like(count),
    click: (offer) => room.click(offer.id),
    buy: (offer) => named(() => void room.reserve(offer.id).catch(explain)),
    enter: (offer) => named(() => void room.enter(offer.id).catch(explain)),
    wait: (offer) => named(() => void room.wait(offer.id).catch(explain)),
    unwait: (offer) => void room.unwait(offer.id).then(() => toast(t("unwaited")), explain),
    till,
    pay: (order) => goToTill(order).catch(explain),
    begin,
    async settle() {
      const url = await till.value?.pay().catch(explain);
      if (url) goTo(url);
    },
    leaveTill: () => void (till.value = null),
    cancel: (order) =>
      shop.post<OrderView>(`/api/orders/${order.id}/cancel`).then(nothing, explain),
    follow: () =>
      named(() => {
        const { show } = state.value;
        if (show === null) return;
        shop.post(`/api/hosts/${show.host}/follow`).then(() => {
          follows.value = true;
          if (refused.value?.code === "followers_only") refuse(null);
        }, explain);
      }),
    rewrite() {
      if (refused.value?.until === undefined) refuse(null);
    },
    async beCalled(name) {
      const deed = nameless.value;
      await takeName(name).then(({ token }) => {
        batch(() => {
          nameless.value = null;
          room.authenticate(token);
        });
        deed?.();
      }, explain);
    },
    stayNameless() {
      nameless.value = null;
      unsaid?.();
      unsaid = null;
    },
    again: async () => void ((await again()) || toast(t("replay_not_yet"))),
    leave() {
      removeEventListener("online", wake);
      document.removeEventListener("visibilitychange", wake);
      clearTimeout(ending);
      room.leave();
    },
  };
}

async function begin(order: OrderView): Promise<string> {
  const started = await shop.post<PaymentStarted>(`/api/orders/${order.id}/pay`, {
    amount_minor: order.total_minor,
  });
  return started.redirect_url;
}

function tellOfParcel({ state, carrier = "", tracking = "" }: ShipmentView): void {
  if (state === "shipped") {
    toast(t("parcel_left", { carrier: [carrier, tracking].filter(Boolean).join(" ") }), "good");
  }
  if (state === "delivered") toast(t("parcel_arrived"), "good");
}

function releasedWord({ reason, order, money_back }: Released): Word {
  if (reason !== "sold_out" || order === undefined) return `released_${reason}`;
  return money_back ? "beaten_back" : "beaten";
}

function nothing(): void {}
