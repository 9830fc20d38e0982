import type { OrderView } from "@liveshop/client";
import { Button, Countdown, dayAndTime, money, now, Picture, thumbnail } from "@liveshop/ui";
import { useComputed, useSignal } from "@preact/signals";
import { useLive } from "../live.ts";
import { standing } from "../offering.ts";
import { t } from "../words/index.ts";
import { BundleItems } from "./BundleItems.tsx";
import "./OrderRow.css";
import { RefundRequest } from "./RefundRequest.tsx";

interface Props {
  readonly order: OrderView;
  readonly onChange: (order: OrderView) => void;
}

export function OrderRow({ order, onChange }: Props) {
  const { pay, cancel } = useLive();
  const busy = useSignal(false);
  const { title, quantity, total_minor, currency, placed_at, pay_by, items = [] } = order;
  const options = items.length === 0 ? (order.options ?? []) : [];
  const current = useSignal(order);
  current.value = order;
  const status = useComputed(() => standing(current.value, now.value)).value;

  // Once it is paid, where the parcel is says more.
  const parcel = order.shipment_state;
  const word = status === "paid" && parcel ? (`parcel_${parcel}` as const) : (`order_${status}` as const);
  const racing = status === "awaiting_payment" && order.first_paid;

  async function waitFor(deed: Promise<void>): Promise<void> {
    busy.value = true;
    await deed;
    busy.value = false;
  }

  return (
    <article class="order">
      <Picture src={thumbnail(order.picture)} class="order-picture" />
      <div class="order-facts">
        <h3>{title}</h3>
        <p>{[...options, `× ${quantity}`, money(total_minor, currency)].join(" · ")}</p>
        {items.length > 0 && <BundleItems items={items} />}
        <p>{t("ordered_at", { when: dayAndTime(placed_at) })}</p>
        <span class={`order-status order-${status}`}>{t(word)}</span>
        {racing && <p>{t("race_pay")}</p>}
        {order.money_back && <p>{t("order_all_back")}</p>}
        {order.tracking && (
          <p class="order-tracking">{[order.carrier, order.tracking].filter(Boolean).join(" ")}</p>
        )}
        {(order.refunded_minor ?? 0) > 0 && (
          <p>{t("order_back", { amount: money(order.refunded_minor ?? 0, currency) })}</p>
        )}
      </div>
      {status === "paid" && (order.refunded_minor ?? 0) < total_minor && (
        <RefundRequest order={order} onChange={onChange} />
      )}
      {status === "awaiting_payment" && (
        <div class="order-deeds">
          <Button disabled={busy.value} onClick={() => waitFor(cancel(order))}>
            {t("cancel")}
          </Button>
          <Button look="strong" busy={busy.value} onClick={() => waitFor(pay(order))}>
            {t("pay_now")} <Countdown key={pay_by} to={pay_by} />
          </Button>
        </div>
      )}
    </article>
  );
}
