/**
 * The coupons of one show as its host gives them: read when someone looks, and again after each deed.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { CouponView, NewCoupon } from "@liveshop/client";
import { fieldOf, type CouponField } from "./coupondraft.ts";
import type { Deeds } from "./deeds.ts";
import { refusalOf } from "./refusal.ts";
import type { Shop } from "./shop.ts";

/** Which field of a new coupon the shop refused, and why. */
export interface RefusedField {
  readonly field: CouponField;
  readonly error: unknown;
}

export interface Couponing {
  /** Newest first; nothing until `look` was called. */
  readonly list: ReadonlySignal<readonly CouponView[] | null>;
  /** What is the matter with the coupon that was to be given last. */
  readonly refused: ReadonlySignal<RefusedField | null>;
  look(): Promise<boolean>;
  give(coupon: NewCoupon): Promise<boolean>;
  /** Put it on everyone's screen, in place of any other; `null`: none. */
  show(coupon: string | null): Promise<boolean>;
  end(coupon: string): Promise<boolean>;
}

export function couponingOf(show: string, shop: Shop, attempt: Deeds["attempt"]): Couponing {
  const list = signal<readonly CouponView[] | null>(null);
  const refused = signal<RefusedField | null>(null);
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
    refused,
    look: () => attempt("look at coupons", read),
    async give(coupon) {
      refused.value = null;
      const done = await then("give coupon", async () => {
        try {
          await shop.giveCoupon(coupon);
        } catch (error) {
          const field = fieldOf(refusalOf(error));
          if (field === undefined) throw error;
          refused.value = { field, error };
        }
      });
      return done && refused.value === null;
    },
    show: (coupon) => then("show coupon", () => shop.showCoupon(show, coupon)),
    end: (coupon) => then(`end coupon ${coupon}`, () => shop.endCoupon(coupon)),
  };
}
