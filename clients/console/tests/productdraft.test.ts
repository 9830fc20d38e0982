import type { ProductView, VariantView } from "@liveshop/client";
import { expect, test } from "vitest";
import {
  changeOfProduct,
  changeOfVariant,
  draftOfProduct,
  draftOfVariant,
  emptyProduct,
  emptyVariant,
  listed,
  moved,
  newProductOf,
  newVariantOf,
} from "../src/productdraft.ts";

const variant: VariantView = {
  id: "var_1",
  sku: "MUG-MOON",
  price_minor: 2400,
  was_minor: 3000,
  currency: "USD",
  available: 30,
  grams: 350,
  alert_at: 5,
};

const product: ProductView = {
  id: "prd_1",
  handle: "moon-mug",
  title: "Moon mug",
  status: "active",
  body_html: "<p>Round.</p>",
  vendor: "Luna",
  kind: "Mugs",
  tags: ["tea", "new"],
  variants: [variant],
};

test("only what differs is sent", () => {
  const draft = draftOfProduct(product);
  expect(changeOfProduct(draft, product)).toEqual({});
  expect(changeOfProduct({ ...draft, title: " Sun mug ", tags: "tea,sun" }, product)).toEqual({
    title: "Sun mug",
    tags: ["tea", "sun"],
  });
  expect(changeOfProduct({ ...draft, vendor: "", status: "draft" }, product)).toEqual({
    vendor: "",
    status: "draft",
  });
});

test("tags are told apart by the commas of either script, each once", () => {
  expect(listed("茶，杯子、新品, tea,, tea ")).toEqual(["茶", "杯子", "新品", "tea"]);
});

test("what is emptied of a variant is taken away", () => {
  const draft = draftOfVariant(variant, 2);
  expect(changeOfVariant(draft, variant, 2)).toEqual({ value: {} });
  expect(changeOfVariant({ ...draft, price: "25", was: "", alert: "", grams: "" }, variant, 2)).toEqual(
    { value: { price_minor: 2500, was_minor: null, alert_at: null, grams: 0 } },
  );
});

test("what is wrong with a variant is said field by field", () => {
  const draft = { ...draftOfVariant(variant, 2), price: "cheap", was: "1.999", grams: "1.5" };
  expect(changeOfVariant(draft, variant, 2)).toEqual({
    faults: { price: "price", was: "price", grams: "count" },
  });
  expect(changeOfVariant({ ...draft, price: "30", was: "30", grams: "" }, variant, 2)).toEqual({
    faults: { was: "was" },
  });
});

test("a new variant needs a SKU, a price and a value for each option", () => {
  expect(newVariantOf({ ...emptyVariant, options: ["Red"] }, 2, "USD", 2)).toEqual({
    faults: { sku: "needed", price: "price", options: "needed" },
  });
  const draft = { ...emptyVariant, sku: " A ", price: "12,5", options: ["Red", " S ", "gone"] };
  expect(newVariantOf(draft, 2, "USD", 2)).toEqual({
    value: {
      sku: "A",
      price_minor: 1250,
      currency: "USD",
      available: 0,
      grams: 0,
      options: ["Red", "S"],
    },
  });
});

test("a product is made of what was typed", () => {
  const draft = { ...emptyProduct, title: " Pot ", tags: "tea" };
  expect(newProductOf(draft, ["Colour"], [])).toEqual({
    title: "Pot",
    body_html: "",
    vendor: "",
    kind: "",
    tags: ["tea"],
    status: "active",
    options: ["Colour"],
    variants: [],
  });
});

test("a picture moves to where there is a place", () => {
  expect(moved(["a", "b", "c"], 2, 0)).toEqual(["c", "a", "b"]);
  expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
  expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
  expect(moved(["a", "b"], 1, 2)).toEqual(["a", "b"]);
});
