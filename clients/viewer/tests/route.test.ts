import { expect, test } from "vitest";
import { route, showPath } from "../src/route.ts";

test("the root is the directory, and every other unknown path too", () => {
  expect(route("/")).toEqual({ page: "directory" });
  expect(route("/live")).toEqual({ page: "directory" });
});

test("a show's path and its id are each other's inverse", () => {
  for (const id of ["demo", "茶", "a b"]) expect(route(showPath(id))).toEqual({ page: "show", id });
  expect(route("/live/demo/")).toEqual({ page: "show", id: "demo" });
});

test("a path that is not well encoded is a show that does not exist", () => {
  expect(route("/live/%E0%A4%A")).toEqual({ page: "show", id: "%E0%A4%A" });
});
