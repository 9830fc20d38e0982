/** Products as they are being looked through: a search as it is typed, and page after page. */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { ProductView } from "@liveshop/client";
import type { Shop } from "./shop.ts";

/** A pause in typing. */
const TYPED_MS = 200;

export interface Catalogue {
  readonly text: ReadonlySignal<string>;
  /** `null` until the first page is here. */
  readonly products: ReadonlySignal<readonly ProductView[] | null>;
  readonly hasMore: ReadonlySignal<boolean>;
  readonly busy: ReadonlySignal<boolean>;
  search(text: string): void;
  more(): Promise<void>;
  /** Read the first page again, such as after an import. */
  refresh(): Promise<void>;
  leave(): void;
}

export function catalogueOf(shop: Shop, failed: (error: unknown) => void): Catalogue {
  const text = signal("");
  const products = signal<readonly ProductView[] | null>(null);
  let next: string | undefined;
  const hasMore = signal(false);
  const busy = signal(false);
  let typing: ReturnType<typeof setTimeout> | undefined;
  // An answer to a question that was asked before the latest one is not shown.
  let latest = 0;

  async function read(after: string | undefined): Promise<void> {
    const mine = (latest += 1);
    busy.value = true;
    try {
      const page = await shop.products(text.value.trim(), after);
      if (mine !== latest) return;
      products.value = after ? [...(products.value ?? []), ...page.products] : page.products;
      next = page.next;
      hasMore.value = next !== undefined;
    } catch (error) {
      if (mine === latest) failed(error);
    } finally {
      if (mine === latest) busy.value = false;
    }
  }

  const refresh = () => read(undefined);
  void refresh();
  return {
    text,
    products,
    hasMore,
    busy,
    search(typed) {
      text.value = typed;
      clearTimeout(typing);
      typing = setTimeout(refresh, TYPED_MS);
    },
    more: () => read(next),
    refresh,
    leave() {
      clearTimeout(typing);
      latest += 1;
    },
  };
}
