/**
 * A coupon as it is being filled in: text as it was typed, and what is wrong with it. Pure: only
 * what `couponFrom` lets through goes to the shop, which checks again.
 */
import type { CouponView, NewCoupon } from "@liveshop/client";
import { momentOf } from "./moments.ts";
import { minorOf } from "./offerdraft.ts";
import type { Refusal } from "./refusal.ts";

export interface CouponEntries {
  readonly code: string;
  readonly quota: string;
  readonly kind: "percent" | "amount";
  readonly off: string;
  readonly minimum: string;
  /** How often one buyer may use it. */
  readonly limit: string;
  readonly only: "show" | "any";
  readonly valid_from: string;
  readonly valid_until: string;
}

export interface Circumstances {
  readonly currency: string;
  /** Decimals of the currency. */
  readonly digits: number;
  readonly show: string;
  /** Only for these; with none, for all. */
  readonly products: readonly string[];
  /** Unix ms on the server's clock. */
  readonly now: number;
}

/** The terms that stay folded until somebody asks for them, or one of them is wrong. */
export const TERMS = ["minimum", "limit", "valid_from", "valid_until"] as const;

export type CouponField = "code" | "quota" | "off" | (typeof TERMS)[number];
export type CouponFault = "off" | "percent" | "limit" | "order" | "past";
export type CouponFaults = Partial<Record<CouponField, CouponFault>>;

/** All of the price, in hundredths of a percent; more is nothing. */
const WHOLE_BP = 10_000;

/** The server's own bound. */
const HIGHEST_LIMIT = 1_000;

/** The coupon that was filled in, or what is wrong with it. */
export function couponFrom(entries: CouponEntries, about: Circumstances): NewCoupon | CouponFaults {
  const { currency, digits, show, products, now } = about;
  const off = minorOf(entries.off, entries.kind === "percent" ? 2 : digits);
  const minimum_minor = entries.minimum.trim() === "" ? 0 : minorOf(entries.minimum, digits);
  const limit_per_buyer = /^\d{1,4}$/.test(entries.limit.trim()) ? Number(entries.limit) : 0;
  const valid_from = momentOf(entries.valid_from);
  const valid_until = momentOf(entries.valid_until);
  const faults: CouponFaults = {};
  if (!off) faults.off = "off";
  else if (entries.kind === "percent" && off > WHOLE_BP) faults.off = "percent";
  if (minimum_minor === undefined) faults.minimum = "off";
  if (limit_per_buyer < 1 || limit_per_buyer > HIGHEST_LIMIT) faults.limit = "limit";
  if (valid_until !== undefined && valid_until <= now) faults.valid_until = "past";
  else if (valid_until !== undefined && valid_until <= (valid_from ?? now)) {
    faults.valid_until = "order";
  }
  if (!off || minimum_minor === undefined || Object.keys(faults).length > 0) return faults;
  return {
    code: entries.code.trim(),
    quota: Number(entries.quota),
    currency,
    minimum_minor,
    limit_per_buyer,
    ...(entries.kind === "percent" ? { percent_bp: off } : { amount_minor: off }),
    ...(entries.only === "show" && { show }),
    ...(products.length > 0 && { products: [...products] }),
    ...(valid_from !== undefined && { valid_from }),
    ...(valid_until !== undefined && { valid_until }),
  };
}

export function isCoupon(answer: NewCoupon | CouponFaults): answer is NewCoupon {
  return typeof answer.quota === "number";
}

/** The field that a refusal is about, if it is about one. */
export function fieldOf(refusal: Refusal | undefined): CouponField | undefined {
  if (refusal?.code === "coupon_code_taken") return "code";
  switch (refusal?.path) {
    case "$.code":
      return "code";
    case "$.quota":
      return "quota";
    case "$.valid_from":
      return "valid_from";
    case "$.valid_until":
      return "valid_until";
    case "$.percent_bp":
    case "$.amount_minor":
      return "off";
    case "$.minimum_minor":
      return "minimum";
    case "$.limit_per_buyer":
      return "limit";
    default:
      return undefined;
  }
}

export type Standing = "coming" | "holds" | "over";

/** Whether a coupon holds at a moment of the server's clock. */
export function standingAt(coupon: CouponView, now: number): Standing {
  const { valid_from, valid_until = Infinity, ended_at } = coupon;
  if (ended_at !== undefined || now >= valid_until) return "over";
  return now < valid_from ? "coming" : "holds";
}
