import type { OfferView } from "@liveshop/client";
import { Button, toast } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import type { ShopPage } from "../shoppage.ts";
import { t } from "../words/index.ts";

interface Props {
  readonly offer: OfferView;
  readonly page: ShopPage;
}

/** Puts an offer into the cart of the shop whose page this room is in. */
export function CartButton({ offer, page }: Props) {
  const adding = useSignal(false);
  const count = page.inCart(offer);

  async function add(): Promise<void> {
    adding.value = true;
    try {
      await page.add(offer);
      toast(t("added_to_cart", { title: offer.title }), "good");
    } catch {
      toast(t("cart_failed"), "bad");
    } finally {
      adding.value = false;
    }
  }

  return (
    <Button look="strong" busy={adding.value} onClick={() => void add()}>
      {count === 0 ? t("add_to_cart") : t("in_cart", { count })}
    </Button>
  );
}
