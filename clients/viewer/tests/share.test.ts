import { expect, test } from "vitest";
import { shareLink } from "../src/share.ts";

test("a link to a show says which show, and nothing else", () => {
  expect(shareLink("tea-time", "https://shop.example")).toBe("https://shop.example/live/tea-time");
});
