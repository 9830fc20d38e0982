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
  type Hello,
  questions,
  type Ready,
  type ShopProduct,
} from "@liveshop/client/embed";
import { effect, signal } from "@preact/signals";
import type { Live } from "./live.ts";
import { type ShopPage, shopPage } from "./shoppage.ts";
import { everyday, heldOf, soldBy, wantedOf } from "./wares.ts";

/** Say that the room is up, and talk to the page once it answers. */
export function join(live: Live): void {
  addEventListener("message", ({ source, data, ports: [port] }: MessageEvent<unknown>) => {
    const hello = data as Partial<Hello> | null;
    if (source !== window.parent || hello?.liveshop !== "hello" || port === undefined) return;
    talk(live, port, hello.cart === true);
  });
  // Only the room may be framed.
  addEventListener("click", ({ target }) => {
    const link = target instanceof Element ? target.closest("a") : null;
    if (link !== null && link.pathname !== location.pathname) link.target = "_blank";
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
      await asked.ask((id) => say({ type: "add", id, wanted: wantedOf(offer, document.baseURI) }));
    },
    async takes(orders) {
      if (!hasCart) return false;
      const { offers } = live.state.peek();
      const held = orders.flatMap((order) => heldOf(order, offers, document.baseURI));
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
      .flatMap((order) => heldOf(order, offers, document.baseURI));
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
