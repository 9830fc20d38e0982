/**
 * `<live-room server="https://live.example" show="tea-time">`: a live room in any page.
 *
 *     import "@liveshop/client/element";
 *     document.querySelector("live-room").cart = { products, add, checkout, sync };
 *
 * It holds a frame of the server's own page, so no style and no script of either side reaches the
 * other. They talk over one `MessagePort`, which is handed only to the server's origin and only
 * to this frame; whom the page may be framed by, the server's `LIVESHOP_ORIGINS` says.
 */

import type { Cart, CartLine, FromRoom, FromShop, Hello, Ready, RoomNews } from "./contract.ts";
import { answerTo, type Questions, questions } from "./questions.ts";

export type * from "./contract.ts";
export { EmbedError } from "./questions.ts";

export const NAME = "live-room";

/** What a room may do in the page: play, fill the screen, and copy or share its own link. */
const ALLOWED = "autoplay; fullscreen; picture-in-picture; clipboard-write; web-share";

const STYLE = `
  :host { display: block; position: relative; min-height: 320px; background: #1a1112; }
  :host([hidden]) { display: none; }
  iframe { position: absolute; inset: 0; width: 100%; height: 100%; border: 0; }
`;

/** What a framed room may send its page to. */
const WEB = ["https:", "http:"];

export class LiveRoom extends HTMLElement {
  static readonly observedAttributes = ["server", "show", "lang", "theme"];

  readonly #frame = document.createElement("iframe");
  readonly #hear = (event: MessageEvent<unknown>): void => this.#welcome(event);
  #cart: Cart | null = null;
  #lines: readonly CartLine[] = [];
  #port: MessagePort | null = null;
  #questions: Questions = questions();

  constructor() {
    super();
    // Not an element: a page that forbids inline styles forbids those.
    const style = new CSSStyleSheet();
    style.replaceSync(STYLE);
    this.#frame.allow = ALLOWED;
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    root.append(this.#frame);
  }

  /** The shop's cart; without one, everything is bought from liveshop. */
  get cart(): Cart | null {
    return this.#cart;
  }

  set cart(cart: Cart | null) {
    this.#cart = cart;
    // The room asks anew what the shop sells.
    if (this.#port !== null) this.#load();
  }

  /** Say what is in the shop's cart now; the room shows it beside what it sells. */
  sync(lines: readonly CartLine[]): void {
    this.#lines = lines.map(({ sku, quantity }) => ({ sku, quantity }));
    this.#say({ type: "cart", lines: this.#lines });
  }

  /**
   * Begin to pay for an order, for a shop whose `checkout` answered `"shop"`: the address of the
   * payment's page. Rejected with an `EmbedError`.
   */
  async pay(order: string): Promise<string> {
    return String(await this.#questions.ask((id) => this.#say({ type: "pay", id, order })));
  }

  connectedCallback(): void {
    addEventListener("message", this.#hear);
    this.#load();
  }

  disconnectedCallback(): void {
    removeEventListener("message", this.#hear);
    this.#close();
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected) return;
    // A frame prefers the colours that its element has.
    if (name === "theme") this.#paint();
    else this.#load();
  }

  #paint(): void {
    const theme = this.getAttribute("theme");
    this.#frame.style.colorScheme = theme === "light" || theme === "dark" ? theme : "light dark";
  }

  /** The room's address; `null` until it is known which one. */
  #address(): URL | null {
    const [server, show] = [this.getAttribute("server"), this.getAttribute("show")];
    if (!server || !show || !URL.canParse(server, document.baseURI)) return null;
    const address = new URL(`/live/${encodeURIComponent(show)}`, new URL(server, document.baseURI));
    address.searchParams.set("embed", "1");
    const lang = this.getAttribute("lang");
    if (lang) address.searchParams.set("lang", lang);
    return address;
  }

  #load(): void {
    this.#close();
    this.#paint();
    const address = this.#address();
    if (address === null || !WEB.includes(address.protocol)) return this.#frame.removeAttribute("src");
    this.#frame.title = this.getAttribute("aria-label") ?? "Live show";
    this.#frame.src = address.href;
  }

  /** Hand the port to a room that says it is up: the one in this frame, from this server. */
  #welcome({ source, origin, data }: MessageEvent<unknown>): void {
    const [frame, address] = [this.#frame.contentWindow, this.#address()];
    if (frame === null || source !== frame || origin !== address?.origin) return;
    if ((data as Partial<Ready> | null)?.liveshop !== "ready") return;
    this.#close();
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.onmessage = ({ data: said }: MessageEvent<FromRoom>) => void this.#listen(port1, said);
    const hello: Hello = { liveshop: "hello", version: 1, cart: this.#cart !== null };
    frame.postMessage(hello, address.origin, [port2]);
    this.#say({ type: "cart", lines: this.#lines });
  }

  async #listen(port: MessagePort, said: FromRoom): Promise<void> {
    switch (said.type) {
      case "answer":
        return this.#questions.settle(said);
      case "products":
        return port.postMessage(await answerTo(said.id, () => this.#cart?.products(said.skus) ?? []));
      case "add":
        return port.postMessage(await answerTo(said.id, () => this.#cart?.add(said.wanted)));
      case "checkout": {
        const cashier = (): unknown => this.#cart?.checkout?.(said.held) ?? "liveshop";
        return port.postMessage(await answerTo(said.id, cashier));
      }
      case "go":
        // A page of a payment provider that the browser did not let the room open beside it.
        if (URL.canParse(said.url) && WEB.includes(new URL(said.url).protocol)) {
          location.assign(said.url);
        }
        return;
      case "live-held":
        this.#cart?.sync?.(said.detail.held);
        return this.#tell(said.type, said.detail);
      case "live-ready":
      case "live-show":
      case "live-screen":
        return this.#tell(said.type, said.detail);
    }
  }

  #tell<Name extends keyof RoomNews>(name: Name, detail: RoomNews[Name]): void {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  #say(message: FromShop): void {
    this.#port?.postMessage(message);
  }

  #close(): void {
    this.#port?.close();
    this.#port = null;
    this.#questions = questions();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    [NAME]: LiveRoom;
  }
}

if (!customElements.get(NAME)) customElements.define(NAME, LiveRoom);
