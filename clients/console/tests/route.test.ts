import { expect, test } from "vitest";
import { codeIn, linkOf } from "../src/invitation.ts";
import { address, parse, type Route } from "../src/route.ts";

test("an address leads back to the same place", () => {
  const places: Route[] = [
    { at: "shows" },
    { at: "products" },
    { at: "tariffs" },
    { at: "product", product: "prd_1" },
    { at: "new_product" },
    { at: "desk", show: "tea time/夜" },
    { at: "summary", show: "tea-time" },
    { at: "team" },
    { at: "audit" },
    { at: "join", code: "a-b_c/d" },
  ];
  expect(places.map((place) => parse(address(place)))).toEqual(places);
});

test("an address that means nothing leads to the shows", () => {
  for (const hash of ["", "#", "#/", "#/shows", "#/nowhere", "#/join", "#/join/", "#/shows/%E0%A4%A"]) {
    expect(parse(hash)).toEqual({ at: "shows" });
  }
});

test("an invitation is found in its link, and as it is", () => {
  const link = linkOf("x-Y_9", "https://shop.example/console");
  expect(link).toBe("https://shop.example/console#/join/x-Y_9");
  expect([link, ` ${link}\n`, "x-Y_9", " x-Y_9 "].map(codeIn)).toEqual(Array(4).fill("x-Y_9"));
});
