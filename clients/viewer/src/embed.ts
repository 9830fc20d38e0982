/**
 * The room in another site's page: tells it what happens, and sells through its cart what it sells
 * itself. Fetched only there.
 *
 * Who may frame this page is the server's to say; whoever does is told first that the room is up,
 * and nothing else. All the rest goes over the port that the page hands back.
 */

import type { OfferView, OrderView } from "@liveshop/client";
import {
  answerTo,
  type CartLine,
  type FromRoom,
  type FromShop,
  type Held,
  type Hello,
  questions,
  type Ready,
  type ShopProduct,
} from "@liveshop/client/embed";
import { effect, signal } from "@preact/signals";
import type { Live } from "./live.ts";
import { type ShopPage, shopPage } from "./shoppage.ts";

/** Say that the room is up, and talk to the page once it answers. */
export function join(live: Live): void {
  addEventListener("message", ({ source, data, ports: [port] }: MessageEvent<unknown>) => {
    const hello = data as Partial<Hello> | null;
    if (source !== window.parent || hello?.liveshop !== "hello" || port === undefined) return;
    talk(live, port, hello.cart === true);
  });
  const ready: Ready = { liveshop: "ready", version: 1 };
  window.parent.postMessage(ready, "*");
}

function talk(live: Live, port: MessagePort, hasCart: boolean): void {
  const asked = questions();
  const known = signal<ReadonlyMap<string, ShopProduct>>(new Map());
  const lines = signal<readonly CartLine[]>([]);
  const say = (message: FromRoom): void => port.postMessage(message);

  const page: ShopPage = {
    sells: (offer) => hasCart && soldBy(offer, known.value.get(offer.sku)),
    inCart: ({ sku }) =>
      lines.value.reduce((sum, line) => sum + (line.sku === sku ? line.quantity : 0), 0),
    async add(offer) {
      await asked.ask((id) => say({ type: "add", id, wanted: wantedOf(offer, live.id) }));
    },
    async takes(orders) {
      if (!hasCart) return false;
      const { offers } = live.state.peek();
      const held = orders.flatMap((order) => heldOf(order, offers));
      return (await asked.ask((id) => say({ type: "checkout", id, held }))) === "shop";
    },
    go: (url) => say({ type: "go", url }),
  };

  /** Ask what the shop sells of what is sold here; anew when its cart has changed. */
  async function look(offers: readonly OfferView[]): Promise<void> {
    const skus = [...new Set(offers.filter(everyday).map(({ sku }) => sku))];
    if (!hasCart || skus.length === 0) return;
    const found = await asked.ask((id) => say({ type: "products", id, skus })).catch(() => []);
    if (!Array.isArray(found)) return;
    known.value = new Map((found as ShopProduct[]).map((product) => [product.sku, product]));
  }

  port.onmessage = async ({ data: said }: MessageEvent<FromShop>) => {
    switch (said.type) {
      case "answer":
        return asked.settle(said);
      case "cart":
        lines.value = said.lines;
        return look(live.state.peek().offers);
      case "pay": {
        const order = live.state.peek().orders.find(({ id }) => id === said.order);
        return say(await answerTo(said.id, () => beginning(live, order)));
      }
    }
  };

  shopPage.value = page;
  say({ type: "live-ready", detail: { show: live.id } });
  tellOfChanges(live, say, look);
}

/** Each piece of news once, however often the room's state changes. */
function tellOfChanges(
  live: Live,
  say: (news: FromRoom) => void,
  look: (offers: readonly OfferView[]) => void,
): void {
  const said = new Map<string, string>();
  function once(news: FromRoom): void {
    const words = JSON.stringify(news);
    if (said.get(news.type) === words) return;
    said.set(news.type, words);
    say(news);
  }
  let skus = "";
  effect(() => {
    const { show, offers, orders } = live.state.value;
    if (show === null) return;
    once({ type: "live-show", detail: { state: show.state, title: show.title } });
    const held = orders
      .filter((order) => order.show === live.id)
      .flatMap((order) => heldOf(order, offers));
    once({ type: "live-held", detail: { held } });
    const now = offers.filter(everyday).map(({ sku }) => sku).join(" ");
    if (now !== skus) look(offers);
    skus = now;
  });
  effect(() => {
    const offer = live.onScreen.value;
    const sku = live.state.value.offers.find(({ id }) => id === offer)?.sku ?? null;
    once({ type: "live-screen", detail: { offer, sku } });
  });
}

function beginning(live: Live, order: OrderView | undefined): Promise<string> {
  if (order !== undefined) return live.begin(order);
  throw Object.assign(new Error("this viewer has no such order"), { code: "unknown_order" });
}

/** A unit of a sale has a deadline, and a bundle several SKUs: both stay here. */
function everyday({ kind, entry, items = [] }: OfferView): boolean {
  return kind === "everyday" && entry !== "queue" && items.length === 0;
}

/** Whether the shop sells an offer for what the screen says. */
export function soldBy(offer: OfferView, product: ShopProduct | undefined): boolean {
  return (
    everyday(offer) &&
    product?.available === true &&
    product.price_minor === offer.price_minor &&
    product.currency === offer.currency
  );
}

function wantedOf(offer: OfferView, show: string) {
  const { sku, title, options = [], price_minor, currency, id } = offer;
  const picture = absolute(offer.picture);
  return { sku, quantity: 1, title, options, price_minor, currency, picture, show, offer: id };
}

/** What the shop page is told of an order; nothing of one that is over. */
export function heldOf(order: OrderView, offers: readonly OfferView[]): readonly Held[] {
  const { id, offer, title, options = [], quantity, total_minor, currency, pay_by } = order;
  if (order.status !== "awaiting_payment" && order.status !== "paid") return [];
  const sku = offers.find((each) => each.id === offer)?.sku ?? null;
  const [picture, state] = [absolute(order.picture), order.status];
  return [
    { order: id, offer, sku, title, options, picture, quantity, total_minor, currency, state, pay_by },
  ];
}

/** A picture's address as another site's page can use it. */
function absolute(picture: string | undefined): string | null {
  return picture === undefined ? null : new URL(picture, document.baseURI).href;
}
