import type { OrderView } from "@liveshop/client";
import { money, Sheet } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { ParcelPart } from "./ParcelPart.tsx";
import { RefundPart } from "./RefundPart.tsx";
import { RequestPart } from "./RequestPart.tsx";

interface Props {
  readonly order: OrderView;
  readonly desk: Desk;
  readonly onClose: () => void;
}

/** Everything about one paid order: what it cost, where it goes, what goes back. */
export function OrderSheet({ order, desk, onClose }: Props) {
  const { title, options = [], quantity, currency } = order;
  const { shipping_minor: shipping = 0, tax_minor: tax = 0, refunded_minor: back = 0 } = order;
  const { discount_minor: discount = 0 } = order;
  const rows = [
    [t("orders.goods"), order.unit_price_minor * quantity, true],
    [t("orders.discount"), -discount, discount > 0],
    [t("orders.shipping"), shipping, shipping > 0],
    [t("orders.tax"), tax, tax > 0],
    [t("orders.total"), order.total_minor, true],
    [t("orders.given_back"), -back, back > 0],
  ] as const;
  return (
    <Sheet title={order.buyer_name} onClose={onClose}>
      <div class="order-sheet">
        <p class="order-sheet-what">
          {quantity > 1 && <b>{quantity} × </b>}
          {[title, ...options].join(" · ")}
        </p>
        <dl class="order-sums tabular">
          {rows
            .filter(([, , shown]) => shown)
            .map(([name, minor]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{money(minor, currency)}</dd>
              </div>
            ))}
        </dl>
        {order.shipment !== undefined && <ParcelPart order={order} desk={desk} />}
        <RequestPart order={order} desk={desk} />
        {order.status === "paid" && <RefundPart order={order} desk={desk} />}
      </div>
    </Sheet>
  );
}
