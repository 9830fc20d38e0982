import type { CouponView } from "@liveshop/client";
import { expect, test } from "vitest";
import { couponFrom, fieldOf, standingAt, type CouponEntries } from "../src/coupondraft.ts";
import { momentOf, typedMoment } from "../src/moments.ts";

const typed: CouponEntries = {
  code: " TEA10 ",
  quota: "100",
  kind: "percent",
  off: "10",
  minimum: "",
  limit: "1",
  only: "show",
  valid_from: "",
  valid_until: "",
};
const about = { currency: "USD", digits: 2, show: "tea-time", products: [], now: 0 };

test("the least that is filled in is a coupon for all products of this show from now on", () => {
  expect(couponFrom(typed, about)).toEqual({
    code: "TEA10",
    quota: 100,
    percent_bp: 1000,
    currency: "USD",
    minimum_minor: 0,
    limit_per_buyer: 1,
    show: "tea-time",
  });
});

test("a coupon has its time and its products", () => {
  const given = couponFrom(
    {
      ...typed,
      kind: "amount",
      off: "2,50",
      minimum: "20",
      limit: " 3",
      only: "any",
      valid_from: "2030-01-01T20:00",
      valid_until: "2030-01-02T20:00",
    },
    { ...about, products: ["prd_1", "prd_2"] },
  );
  expect(given).toEqual({
    code: "TEA10",
    quota: 100,
    amount_minor: 250,
    currency: "USD",
    minimum_minor: 2000,
    limit_per_buyer: 3,
    products: ["prd_1", "prd_2"],
    valid_from: new Date(2030, 0, 1, 20).getTime(),
    valid_until: new Date(2030, 0, 2, 20).getTime(),
  });
});

test("what is wrong is said field by field", () => {
  expect(couponFrom({ ...typed, off: "ten", minimum: "some" }, about)).toEqual({
    off: "off",
    minimum: "off",
  });
  expect(couponFrom({ ...typed, off: "100,01", limit: "0" }, about)).toEqual({
    off: "percent",
    limit: "limit",
  });
  expect(couponFrom({ ...typed, kind: "amount", off: "100.01", limit: "1001" }, about)).toEqual({
    limit: "limit",
  });
  const past = { ...typed, valid_until: "2030-01-01T20:00" };
  expect(couponFrom(past, { ...about, now: new Date(2031, 0).getTime() })).toEqual({
    valid_until: "past",
  });
  expect(couponFrom({ ...past, valid_from: "2030-01-01T20:00" }, about)).toEqual({
    valid_until: "order",
  });
});

test("a refusal is about the field whose value the shop named", () => {
  const about = (code: string, path?: string) => fieldOf({ code, path });
  expect(about("coupon_code_taken")).toBe("code");
  expect(about("invalid_value", "$.valid_until")).toBe("valid_until");
  expect(about("invalid_value", "$.percent_bp")).toBe("off");
  expect(about("invalid_value", "$.limit_per_buyer")).toBe("limit");
  expect(about("unknown_show")).toBeUndefined();
  expect(fieldOf(undefined)).toBeUndefined();
});

test("a coupon holds from its beginning up to, and without, its end", () => {
  const coupon: CouponView = {
    id: "cpn_1",
    code: "TEA10",
    quota: 1,
    used: 0,
    limit_per_buyer: 1,
    valid_from: 1000,
    valid_until: 2000,
  };
  expect([999, 1000, 1999, 2000].map((now) => standingAt(coupon, now))).toEqual([
    "coming",
    "holds",
    "holds",
    "over",
  ]);
  expect(standingAt({ ...coupon, ended_at: 1500 }, 1600)).toBe("over");
});

test("a moment is read as it is typed, and typed as it is read", () => {
  expect(typedMoment(momentOf("2030-02-03T04:05") ?? 0)).toBe("2030-02-03T04:05");
  expect(momentOf("")).toBeUndefined();
});
