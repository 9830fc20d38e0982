import type { OrderList, OrderView } from "@liveshop/client";
import { Sheet } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { account, shop } from "../account.ts";
import { useLive } from "../live.ts";
import { mine, withOrder } from "../myorders.ts";
import { t } from "../words/index.ts";
import { Empty } from "./Empty.tsx";
import { OrderRow } from "./OrderRow.tsx";
import "./OrdersSheet.css";

interface Props {
  readonly onClose: () => void;
}

/** Every order, of other shows too; what the room says about this show's is newer. */
export function OrdersSheet({ onClose }: Props) {
  const { orders } = useLive().state.value;
  const kept = useSignal<readonly OrderView[]>([]);

  useEffect(() => {
    if (account.current.value === null) return;
    shop.get<OrderList>("/api/orders").then(
      (list) => (kept.value = list.orders),
      () => undefined, // The room's own are shown all the same.
    );
  }, [orders]);

  const all = mine(orders, kept.value);
  return (
    <Sheet title={t("my_orders")} onClose={onClose}>
      {all.length === 0 ? (
        <Empty icon="receipt" title={t("no_orders")} hint={t("no_orders_hint")} />
      ) : (
        <ul class="orders">
          {all.map((order) => (
            <li key={order.id}>
              <OrderRow
                order={order}
                onChange={(changed) => (kept.value = withOrder(kept.value, changed))}
              />
            </li>
          ))}
        </ul>
      )}
    </Sheet>
  );
}
