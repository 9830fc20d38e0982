/**
 * The coupons of one show as its host gives them: read when someone looks, and again after each deed.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { CouponView, NewCoupon } from "@liveshop/client";
import type { Deeds } from "./deeds.ts";
import type { Shop } from "./shop.ts";

export interface Couponing {
  /** Newest first; nothing until `look` was called. */
  readonly list: ReadonlySignal<readonly CouponView[] | null>;
  look(): Promise<boolean>;
  give(coupon: NewCoupon): Promise<boolean>;
  /** Put it on everyone's screen, in place of any other; `null`: none. */
  show(coupon: string | null): Promise<boolean>;
  end(coupon: string): Promise<boolean>;
}

export function couponingOf(show: string, shop: Shop, attempt: Deeds["attempt"]): Couponing {
  const list = signal<readonly CouponView[] | null>(null);
  const read = async (): Promise<void> => {
    list.value = (await shop.coupons(show)).coupons;
  };
  const then = (name: string, work: () => Promise<unknown>): Promise<boolean> =>
    attempt(name, async () => {
      await work();
      await read();
    });
  return {
    list,
    look: () => attempt("look at coupons", read),
    give: (coupon) => then("give coupon", () => shop.giveCoupon(coupon)),
    show: (coupon) => then("show coupon", () => shop.showCoupon(show, coupon)),
    end: (coupon) => then(`end coupon ${coupon}`, () => shop.endCoupon(coupon)),
  };
}
