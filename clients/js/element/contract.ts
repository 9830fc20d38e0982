/**
 * What a shop page and a live room in it say to each other. Types alone, for the element, the room
 * and whoever writes a cart.
 *
 * Invariant: a unit that a sale holds is sold by liveshop, whose gate knows its deadline. The shop's
 * cart sells only what is sold every day, at the price that is on screen.
 */

/** Grows when what either side says is no longer understood by the other. */
export type Version = 1;

/** What the shop page sells itself. */
export interface ShopProduct {
  readonly sku: string;
  /** In the currency's smallest unit, tax as on the shop's own page. */
  readonly price_minor: number;
  /** ISO 4217. */
  readonly currency: string;
  /** False: known, but not to be had now. */
  readonly available: boolean;
}

/** What a viewer wants in the shop's cart. */
export interface Wanted {
  readonly sku: string;
  readonly quantity: number;
  readonly title: string;
  readonly options: readonly string[];
  readonly price_minor: number;
  readonly currency: string;
  readonly picture: string | null;
  /** Where it was seen: for the shop's figures. */
  readonly show: string;
  readonly offer: string;
}

/** A line of the shop's cart. */
export interface CartLine {
  readonly sku: string;
  readonly quantity: number;
}

/** Units that liveshop holds for the viewer, or has sold to them. */
export interface Held {
  /** The order's id. */
  readonly order: string;
  readonly offer: string;
  /** `null` when the offer is not in the bag any more. */
  readonly sku: string | null;
  readonly title: string;
  readonly options: readonly string[];
  readonly picture: string | null;
  readonly quantity: number;
  readonly total_minor: number;
  readonly currency: string;
  readonly state: "awaiting_payment" | "paid";
  /** Unix ms by the server's clock; unpaid after it, the units go to somebody else. */
  readonly pay_by: number;
}

/** Who takes the money for what is held: liveshop in the room, or the shop page, which calls `pay`. */
export type Cashier = "liveshop" | "shop";

/**
 * A shop's cart, as its page gives it to the element. Whatever it throws is told to the viewer as
 * "try again"; an answer may take ten seconds.
 */
export interface Cart {
  /** Which of these the shop sells itself; what it leaves out, it does not. */
  products(skus: readonly string[]): Promise<readonly ShopProduct[]> | readonly ShopProduct[];
  /** Put it into the cart; the element's `sync` then says what is in it. */
  add(wanted: Wanted): Promise<void> | void;
  /** The viewer wants to pay for what is held. Without this, liveshop takes the money. */
  checkout?(held: readonly Held[]): Promise<Cashier> | Cashier;
  /** All that is held for the viewer, each time it changes; the same once more does no harm. */
  sync?(held: readonly Held[]): void;
}

/** What is going on in the room: the details of the element's events. */
export interface RoomNews {
  "live-ready": { readonly show: string };
  "live-show": { readonly state: "draft" | "live" | "ended"; readonly title: string };
  "live-screen": { readonly offer: string | null; readonly sku: string | null };
  "live-held": { readonly held: readonly Held[] };
}

/** What went wrong with a question, with a stable code. */
export interface Trouble {
  readonly code: string;
  readonly message: string;
}

/** To the window that embeds it, whoever that is: the room is up. It tells nothing else. */
export interface Ready {
  readonly liveshop: "ready";
  readonly version: Version;
}

/** The shop page's answer to `Ready`, with a port on which all the rest is said. */
export interface Hello {
  readonly liveshop: "hello";
  readonly version: Version;
  /** Whether the page has a cart. */
  readonly cart: boolean;
}

export type Answer =
  | { readonly type: "answer"; readonly to: number; readonly value: unknown }
  | { readonly type: "answer"; readonly to: number; readonly trouble: Trouble };

/** On the port, from the room. */
export type FromRoom =
  | { readonly type: "products"; readonly id: number; readonly skus: readonly string[] }
  | { readonly type: "add"; readonly id: number; readonly wanted: Wanted }
  | { readonly type: "checkout"; readonly id: number; readonly held: readonly Held[] }
  | { readonly type: "go"; readonly url: string }
  | { [Name in keyof RoomNews]: { readonly type: Name; readonly detail: RoomNews[Name] } }[keyof RoomNews]
  | Answer;

/** On the port, from the shop page. */
export type FromShop =
  | { readonly type: "cart"; readonly lines: readonly CartLine[] }
  | { readonly type: "pay"; readonly id: number; readonly order: string }
  | Answer;
