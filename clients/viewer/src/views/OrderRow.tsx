import type { OrderView } from "@liveshop/client";
import { Button, Countdown, dayAndTime, money, Picture, serverNow } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./OrderRow.css";

interface Props {
  readonly order: OrderView;
}

export function OrderRow({ order }: Props) {
  const { pay, cancel } = useLive();
  const busy = useSignal(false);
  const { title, options = [], quantity, total_minor, currency, status, placed_at, pay_by } = order;
  const open = status === "awaiting_payment" && pay_by > serverNow();

  async function waitFor(deed: Promise<void>): Promise<void> {
    busy.value = true;
    await deed;
    busy.value = false;
  }

  return (
    <article class="order">
      <Picture src={order.picture} class="order-picture" />
      <div class="order-facts">
        <h3>{title}</h3>
        <p>{[...options, `× ${quantity}`, money(total_minor, currency)].join(" · ")}</p>
        <p>{t("ordered_at", { when: dayAndTime(placed_at) })}</p>
        <span class={`order-status order-${status}`}>{t(`order_${status}`)}</span>
      </div>
      {open && (
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
