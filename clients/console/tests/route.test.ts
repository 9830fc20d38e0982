import { expect, test } from "vitest";
import { address, parse, type Route } from "../src/route.ts";

test("an address leads back to the same place", () => {
  const places: Route[] = [
    { at: "shows" },
    { at: "products" },
    { at: "desk", show: "tea time/夜" },
    { at: "summary", show: "tea-time" },
  ];
  expect(places.map((place) => parse(address(place)))).toEqual(places);
});

test("an address that means nothing leads to the shows", () => {
  for (const hash of ["", "#", "#/", "#/shows", "#/nowhere", "#/shows/%E0%A4%A"]) {
    expect(parse(hash)).toEqual({ at: "shows" });
  }
});
