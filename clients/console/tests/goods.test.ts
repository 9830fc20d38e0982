import type { ProductChange, ProductView } from "@liveshop/client";
import { expect, test } from "vitest";
import { type Asked, goodsOf } from "../src/goods.ts";

/** As the interface refuses. */
function refusal(code: string, path?: string): Error {
  return Object.assign(new Error(code), { code, body: { code, path } });
}

/** A shop with one product, which answers as the server does. */
function shopWith(refused?: Error): Asked & { readonly sent: ProductChange[] } {
  const sent: ProductChange[] = [];
  let product: ProductView = {
    id: "prd_1",
    handle: "mug",
    title: "Mug",
    status: "active",
    body_html: "",
    vendor: "",
    kind: "",
    variants: [],
  };
  const answer = (change: object = {}) => {
    if (refused) throw refused;
    product = { ...product, ...change };
    return product;
  };
  return {
    sent,
    product: async () => product,
    async changeProduct(_id, change) {
      sent.push(change);
      return answer(change);
    },
    changeVariant: async () => answer(),
    addVariant: async () => answer(),
    async adjust(variant) {
      answer();
      return { variant, available: 7 };
    },
    async uploadPicture(file) {
      const url = `/pictures/${await file.text()}.webp`;
      return { url, small: url, width: 1, height: 1 };
    },
  };
}

test("a change is kept, and the product is what the shop answered", async () => {
  const goods = goodsOf("prd_1", shopWith());
  await goods.read();
  expect(await goods.change({ title: "Cup" })).toBe(true);
  expect(goods.product.value?.title).toBe("Cup");
  expect(goods.saving.value).toEqual({ is: "saved" });
});

test("a refusal changes nothing, and says at which value", async () => {
  const error = refusal("invalid_value", "$.title");
  const goods = goodsOf("prd_1", shopWith(error));
  await goods.read();
  expect(await goods.change({ title: "Cup" })).toBe(false);
  expect(goods.product.value?.title).toBe("Mug");
  expect(goods.saving.value).toEqual({ is: "failed", error, at: "$.title" });
});

test("pictures come behind those that are there, and none twice", async () => {
  const shop = shopWith();
  const goods = goodsOf("prd_1", shop);
  await goods.read();
  const both = goods.addPictures([new Blob(["a"]), new Blob(["b"])]);
  expect(goods.uploading.value).toBe(2);
  await both;
  await goods.addPictures([new Blob(["a"])]);
  expect(goods.product.value?.pictures).toEqual(["/pictures/a.webp", "/pictures/b.webp"]);
  expect([goods.uploading.value, shop.sent.length]).toEqual([0, 2]);
});

test("the first picture that is refused ends an upload", async () => {
  const shop = shopWith(refusal("unreadable_picture"));
  const goods = goodsOf("prd_1", shop);
  await goods.read();
  expect(await goods.addPictures([new Blob(["a"]), new Blob(["b"])])).toBe(false);
  expect([goods.uploading.value, shop.sent.length]).toEqual([0, 1]);
});

test("two changes at once are made one after the other", async () => {
  const shop = shopWith();
  const goods = goodsOf("prd_1", shop);
  await goods.read();
  await Promise.all([goods.addPictures([new Blob(["a"])]), goods.change({ pictures: [] })]);
  expect(shop.sent).toEqual([{ pictures: ["/pictures/a.webp"] }, { pictures: [] }]);
  expect(goods.product.value?.pictures).toEqual([]);
});
