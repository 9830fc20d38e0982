import type { OrderView } from "@liveshop/client";
import { Avatar, Countdown, money, serverNow, time, toast } from "@liveshop/ui";
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { SureButton } from "./SureButton.tsx";

/** From an order to its row: the tally, a page of orders, and some patience. */
const NEW_FOR_MS = 5000;

interface Props {
  readonly order: OrderView;
  readonly desk: Desk;
}

export function OrderRow({ order, desk }: Props) {
  const { buyer_name: name, title, options = [], quantity, status } = order;
  // What was there when the list was opened does not draw the eye.
  const [fresh] = useState(() => serverNow() - order.placed_at < NEW_FOR_MS);
  const amount = money(order.total_minor, order.currency);

  async function refund() {
    if (await desk.refund(order)) toast(t("orders.refunded", { name, amount }), "good");
  }

  return (
    <li class={`order order-${status} ${fresh ? "order-fresh" : ""}`}>
      <Avatar name={name} />
      <div class="order-what">
        <p class="order-who">
          <strong>{name}</strong>
          <time class="tabular" dateTime={new Date(order.placed_at).toISOString()}>
            {time(order.placed_at)}
          </time>
        </p>
        <p class="order-title">
          {quantity > 1 && <b>{quantity} × </b>}
          {[title, ...options].join(" · ")}
        </p>
      </div>
      <div class="order-money">
        <strong class="tabular">{amount}</strong>
        <div class="order-state">
          {status === "paid" && (
            <SureButton
              size="small"
              look="plain"
              text={t("orders.refund")}
              question={t("orders.refund_sure", { amount })}
              label={t("orders.refund_it", { name })}
              busy={desk.doing.value.has(`refund ${order.id}`)}
              onSure={refund}
            />
          )}
          <span class={`chip chip-${status}`}>
            {t(`order.${status}`)}
            {status === "awaiting_payment" && <Countdown key={order.pay_by} to={order.pay_by} />}
          </span>
        </div>
      </div>
    </li>
  );
}
