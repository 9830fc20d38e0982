/**
 * One product as it is being edited: what it is now, and how its last change stands. Every answer of
 * the shop is the whole product, so what is shown is always what the shop has.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { NewVariant, ProductChange, ProductView, VariantChange } from "@liveshop/client";
import { refusalOf } from "./refusal.ts";
import type { Shop } from "./shop.ts";

/** How a change stands; `at` is the value that the shop refused, such as `$.title`. */
export type Saving =
  | { readonly is: "still" | "saving" | "saved" }
  | { readonly is: "failed"; readonly error: unknown; readonly at: string | undefined };

export type Asked = Pick<
  Shop,
  "product" | "changeProduct" | "changeVariant" | "addVariant" | "adjust" | "uploadPicture"
>;

export interface Goods {
  /** Nothing until it is here. */
  readonly product: ReadonlySignal<ProductView | null>;
  readonly saving: ReadonlySignal<Saving>;
  /** How many pictures are on their way. */
  readonly uploading: ReadonlySignal<number>;
  read(): Promise<boolean>;
  change(change: ProductChange): Promise<boolean>;
  changeVariant(variant: string, change: VariantChange): Promise<boolean>;
  addVariant(variant: NewVariant): Promise<boolean>;
  adjust(variant: string, change: number, why: Why, note: string): Promise<boolean>;
  /** One after the other, behind those that are there; the first that is refused ends it. */
  addPictures(files: readonly Blob[]): Promise<boolean>;
}

export const WHYS = ["received", "returned", "counted", "damaged", "lost"] as const;
export type Why = (typeof WHYS)[number];

export function goodsOf(id: string, shop: Asked): Goods {
  const product = signal<ProductView | null>(null);
  const saving = signal<Saving>({ is: "still" });
  const uploading = signal(0);
  // One change after the other: each answer is the product after it.
  let last: Promise<unknown> = Promise.resolve();

  function then(work: () => Promise<ProductView>): Promise<boolean> {
    const mine = last.then(async () => {
      saving.value = { is: "saving" };
      try {
        product.value = await work();
        saving.value = { is: "saved" };
        return true;
      } catch (error) {
        saving.value = { is: "failed", error, at: refusalOf(error)?.path };
        return false;
      }
    });
    last = mine;
    return mine;
  }

  async function added(file: Blob): Promise<ProductView> {
    const { url } = await shop.uploadPicture(file);
    const { pictures = [] } = product.value ?? {};
    // The same picture twice is the one that is there.
    if (product.value !== null && pictures.includes(url)) return product.value;
    return shop.changeProduct(id, { pictures: [...pictures, url] });
  }

  return {
    product,
    saving,
    uploading,
    async read() {
      try {
        product.value = await shop.product(id);
        return true;
      } catch (error) {
        saving.value = { is: "failed", error, at: undefined };
        return false;
      }
    },
    change: (change) => then(() => shop.changeProduct(id, change)),
    changeVariant: (variant, change) => then(() => shop.changeVariant(variant, change)),
    addVariant: (variant) => then(() => shop.addVariant(id, variant)),
    adjust: (variant, change, why, note) =>
      then(async () => {
        await shop.adjust(variant, { change, why, note });
        return shop.product(id);
      }),
    async addPictures(files) {
      uploading.value += files.length;
      let left = files.length;
      try {
        for (const file of files) {
          if (!(await then(() => added(file)))) return false;
          uploading.value -= 1;
          left -= 1;
        }
        return true;
      } finally {
        uploading.value -= left;
      }
    },
  };
}
