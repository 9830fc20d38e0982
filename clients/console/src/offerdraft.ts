/**
 * An offer as it is being filled in: text as it was typed, and what is wrong with it. Pure: only
 * what `checked` lets through goes to the shop, which checks again.
 */
import type { NewOffer, OfferView, VariantView } from "@liveshop/client";

export type Kind = OfferView["kind"];
export type Entry = NonNullable<OfferView["entry"]>;
export type Policy = NonNullable<OfferView["policy"]>;

export interface OfferDraft {
  readonly kind: Kind;
  readonly price: string;
  readonly quantity: string;
  readonly limit: string;
  /** How long it sells once it is open; `null` is until somebody closes it. */
  readonly duration_s: number | null;
  readonly hold_s: number;
  /** Whether places are drawn, and one buys in turn. */
  readonly entry: Entry;
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
  variant: VariantView,
  kind: Kind,
  digits: number,
  again?: OfferView,
): OfferDraft {
  const price = ((again ?? variant).price_minor / 10 ** digits).toFixed(digits);
  const some = (most: number) => String(Math.max(1, Math.min(most, variant.available)));
  const draft: OfferDraft =
    kind === "flash"
      ? { kind, price, quantity: some(20), limit: "1", duration_s: 60, hold_s: 120, ...USUAL }
      : { kind, price, quantity: some(50), limit: "5", duration_s: null, hold_s: 300, ...USUAL };
  if (again === undefined) return draft;
  const { limit_per_buyer, hold_s, policy = "hold" } = again;
  const kept = { ...draft, limit: String(limit_per_buyer), hold_s, policy };
  return entering(kept, again.kind === kind ? (again.entry ?? "open") : "open");
}

/** Turns take a minute each, so a sale with a queue lasts longer than a rush. */
export function entering(draft: OfferDraft, entry: Entry): OfferDraft {
  const short = draft.duration_s !== null && draft.duration_s < QUEUE_DURATION_S;
  if (entry === "open") return { ...draft, entry };
  return { ...draft, entry, policy: "hold", ...(short && { duration_s: QUEUE_DURATION_S }) };
}

/** The offer that `draft` asks for, or what is wrong with it. */
export function checked(
  draft: OfferDraft,
  variant: VariantView,
  digits: number,
): NewOffer | Faults {
  const price_minor = minorOf(draft.price, digits);
  const quantity = countOf(draft.quantity);
  const limit_per_buyer = countOf(draft.limit);
  const faults: Faults = {};
  if (price_minor === undefined) faults.price = "price";
  if (quantity === undefined) faults.quantity = "count";
  else if (quantity > variant.available) faults.quantity = "stock";
  if (limit_per_buyer === undefined) faults.limit = "count";
  else if (limit_per_buyer > HIGHEST_LIMIT) faults.limit = "limit";
  const sound =
    price_minor !== undefined && quantity !== undefined && limit_per_buyer !== undefined;
  if (!sound || Object.keys(faults).length > 0) return faults;
  const { kind, hold_s, duration_s, entry, policy } = draft;
  const timed = duration_s === null ? {} : { duration_s };
  const queue = entry === "queue" ? { entry } : {};
  const race = policy === "first_paid" ? { policy } : {};
  return {
    variant: variant.id,
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
  return "variant" in answer;
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
