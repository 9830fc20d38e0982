import type { OrderView } from "@liveshop/client";
import { Avatar, Button, Countdown, money, serverNow, time } from "@liveshop/ui";
import { useState } from "preact/hooks";
import { asksBack } from "../orderbook.ts";
import { t } from "../texts/index.ts";

/** From an order to its row: the tally, a page of orders, and some patience. */
const NEW_FOR_MS = 5000;

interface Props {
  readonly order: OrderView;
  readonly onManage: () => void;
}

export function OrderRow({ order, onManage }: Props) {
  const { buyer_name: name, title, options = [], quantity, status } = order;
  // What was there when the list was opened does not draw the eye.
  const [fresh] = useState(() => serverNow() - order.placed_at < NEW_FOR_MS);
  const amount = money(order.total_minor, order.currency);

  const back = order.refunded_minor ?? 0;
  // Once it is paid, where the parcel is says more.
  const state = status === "paid" && order.shipment_state ? order.shipment_state : status;

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
        {status === "paid" && back > 0 && (
          <small class="order-back tabular">−{money(back, order.currency)}</small>
        )}
        {asksBack(order) && <small class="order-asks">{t("orders.asks_back")}</small>}
        <div class="order-state">
          {status === "paid" && (
            <Button
              size="small"
              look="plain"
              aria-label={t("orders.manage_it", { name })}
              onClick={onManage}
            >
              {t("orders.manage")}
            </Button>
          )}
          <span class={`chip chip-${state}`}>
            {t(`order.${state}`)}
            {status === "awaiting_payment" && <Countdown key={order.pay_by} to={order.pay_by} />}
          </span>
        </div>
      </div>
    </li>
  );
}
