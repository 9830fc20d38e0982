/**
 * The coupon that a viewer claimed in a show: remembered on this device until they pay with it. A
 * claim holds nothing; the shop takes a use when they begin to pay.
 */

import type { CouponCard } from "@liveshop/client";
import { money } from "@liveshop/ui";
import { type ReadonlySignal, signal } from "@preact/signals";
import { t } from "./words/index.ts";

const claims = signal<ReadonlyMap<string, string>>(new Map());

const keyOf = (show: string): string => `liveshop.coupon.${show}`;

export const claimed: ReadonlySignal<ReadonlyMap<string, string>> = claims;

/** The code claimed in a show, today or before. */
export function claimOf(show: string): string | null {
  return claims.value.get(show) ?? localStorage.getItem(keyOf(show));
}

export function claim(show: string, code: string | null): void {
  const others = [...claims.value].filter(([id]) => id !== show);
  claims.value = new Map(code === null ? others : [...others, [show, code]]);
  if (code === null) localStorage.removeItem(keyOf(show));
  else localStorage.setItem(keyOf(show), code);
}

/** What it takes off, as a headline: `10% off`. */
export function headline({ percent_bp, amount_minor, currency = "USD" }: CouponCard): string {
  const off = percent_bp === undefined ? money(amount_minor ?? 0, currency) : `${percent_bp / 100}%`;
  return t("coupon_off", { off });
}

/** What has to be so, in short. */
export function terms({ minimum_minor = 0, currency = "USD", some_products }: CouponCard): string {
  return [
    minimum_minor > 0 && t("coupon_from", { sum: money(minimum_minor, currency) }),
    some_products && t("coupon_some"),
  ]
    .filter(Boolean)
    .join(" · ");
}
