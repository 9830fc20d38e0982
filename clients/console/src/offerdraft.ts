/**
 * An offer as it is being filled in: text as it was typed, and what is wrong with it. Pure: only
 * what `checked` lets through goes to the shop, which checks again.
 */
import type { NewOffer, OfferView, VariantView } from "@liveshop/client";
import { availableOf, isBundle, type Parts } from "./bundle.ts";

export type Kind = OfferView["kind"];
export type Entry = NonNullable<OfferView["entry"]>;
export type Policy = NonNullable<OfferView["policy"]>;

/** What a draft begins with: the usual price of a unit, and how many there are. */
export type Goods = Pick<VariantView, "price_minor" | "available">;

export interface OfferDraft {
  readonly kind: Kind;
  /** What a bundle is called; empty is as its first product. */
  readonly title: string;
  readonly price: string;
  readonly quantity: string;
  readonly limit: string;
  /** How long it sells once it is open; `null` is until somebody closes it. */
  readonly duration_s: number | null;
  readonly hold_s: number;
  /** Whether places are drawn, and one buys in turn. */
  readonly entry: Entry;
  /** When it opens by itself, as it was typed; `null` is when somebody opens it. */
  readonly opens: string | null;
  /** Whether a unit is whose reservation, or whose money comes first; a drawn turn holds one. */
  readonly policy: Policy;
}

export type Fault = "price" | "count" | "stock" | "limit";
export type Faults = Partial<Record<"price" | "quantity" | "limit", Fault>>;

export const DURATIONS_S: readonly number[] = [30, 60, 120, 300, 600];
const QUEUE_DURATION_S = 300;
export const HOLDS_S: readonly number[] = [60, 120, 300, 900];

const USUAL = { entry: "open", policy: "hold" } as const;

/** The server's own bound. */
const HIGHEST_LIMIT = 100;

/**
 * What most hosts want: a flash is few, short and one each; everyday is more, and has no end. An
 * offer that is made `again` keeps its price, its limit and its time to pay.
 */
export function draftOf(
  goods: Goods,
  kind: Kind,
  digits: number,
  again?: OfferView,
): OfferDraft {
  const price = ((again ?? goods).price_minor / 10 ** digits).toFixed(digits);
  const some = (most: number) => String(Math.max(1, Math.min(most, goods.available)));
  const plain = { title: "", price, opens: null, ...USUAL } as const;
  const draft: OfferDraft =
    kind === "flash"
      ? { ...plain, kind, quantity: some(20), limit: "1", duration_s: 60, hold_s: 120 }
      : { ...plain, kind, quantity: some(50), limit: "5", duration_s: null, hold_s: 300 };
  if (again === undefined) return draft;
  const { limit_per_buyer, hold_s, policy = "hold" } = again;
  const title = (again.items ?? []).length > 0 ? again.title : "";
  const kept = { ...draft, title, limit: String(limit_per_buyer), hold_s, policy };
  return entering(kept, again.kind === kind ? (again.entry ?? "open") : "open");
}

/** The draft for other parts: its price and its units are theirs until somebody types others. */
export function withGoods(
  draft: OfferDraft,
  goods: Goods,
  digits: number,
): OfferDraft {
  const { price, quantity } = draftOf(goods, draft.kind, digits);
  return { ...draft, price, quantity };
}

/** The draft as one of another kind; what was typed of its price, title and opening stays. */
export function ofKind(
  draft: OfferDraft,
  kind: Kind,
  goods: Goods,
  digits: number,
): OfferDraft {
  const { title, price, opens } = draft;
  return { ...draftOf(goods, kind, digits), title, price, opens };
}

/** Turns take a minute each, so a sale with a queue lasts longer than a rush. */
export function entering(draft: OfferDraft, entry: Entry): OfferDraft {
  const short = draft.duration_s !== null && draft.duration_s < QUEUE_DURATION_S;
  if (entry === "open") return { ...draft, entry };
  return { ...draft, entry, policy: "hold", ...(short && { duration_s: QUEUE_DURATION_S }) };
}

/** The offer of `parts` that `draft` asks for, or what is wrong with it. */
export function checked(draft: OfferDraft, parts: Parts, digits: number): NewOffer | Faults {
  const price_minor = minorOf(draft.price, digits);
  const quantity = countOf(draft.quantity);
  const limit_per_buyer = countOf(draft.limit);
  const faults: Faults = {};
  if (price_minor === undefined) faults.price = "price";
  if (quantity === undefined) faults.quantity = "count";
  else if (quantity > availableOf(parts)) faults.quantity = "stock";
  if (limit_per_buyer === undefined) faults.limit = "count";
  else if (limit_per_buyer > HIGHEST_LIMIT) faults.limit = "limit";
  const sound =
    price_minor !== undefined && quantity !== undefined && limit_per_buyer !== undefined;
  if (!sound || Object.keys(faults).length > 0) return faults;
  const { kind, hold_s, duration_s, entry, policy } = draft;
  const timed = duration_s === null ? {} : { duration_s };
  const queue = entry === "queue" ? { entry } : {};
  const race = policy === "first_paid" ? { policy } : {};
  const title = draft.title.trim();
  return {
    ...(isBundle(parts)
      ? { items: parts.map(({ variant, count }) => ({ variant: variant.id, count })) }
      : { variant: parts[0].variant.id }),
    ...(isBundle(parts) && title !== "" && { title }),
    price_minor,
    kind,
    quantity,
    limit_per_buyer,
    hold_s,
    ...timed,
    ...queue,
    ...race,
  };
}

export function isSound(answer: NewOffer | Faults): answer is NewOffer {
  return "price_minor" in answer;
}

/** `12.90` or `12,90` as 1290; nothing when it is not an amount with at most `digits` decimals. */
export function minorOf(text: string, digits: number): number | undefined {
  const [, whole, decimals = ""] = /^(\d{1,10})(?:[.,](\d+))?$/.exec(text.trim()) ?? [];
  if (whole === undefined || decimals.length > digits) return undefined;
  return Number(whole + decimals.padEnd(digits, "0"));
}

function countOf(text: string): number | undefined {
  const count = /^\d{1,7}$/.test(text.trim()) ? Number(text) : 0;
  return count >= 1 ? count : undefined;
}
