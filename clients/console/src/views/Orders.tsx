import type { OrderView } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { OrderRow } from "./OrderRow.tsx";
import "../style/orders.css";

const FILTERS = ["all", "awaiting_payment", "paid"] as const;
type Filter = (typeof FILTERS)[number];

interface Props {
  readonly desk: Desk;
}

export function Orders({ desk }: Props) {
  const [filter, setFilter] = useState<Filter>("all");
  const { orders, next } = desk.book.value;
  const shown = orders.filter((order: OrderView) => filter === "all" || order.status === filter);
  return (
    <section class="panel desk-orders" aria-labelledby="orders-title">
      <header class="panel-head">
        <h2 id="orders-title">{t("orders.title")}</h2>
        <div class="filters" role="group" aria-label={t("orders.filter")}>
          {FILTERS.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === filter}
              onClick={() => setFilter(name)}
            >
              {t(name === "all" ? "orders.all" : `order.${name}`)}
            </button>
          ))}
        </div>
      </header>
      <div class="panel-scroll">
        {shown.length === 0 && (
          <p class="empty">{t(orders.length === 0 ? "orders.none" : "orders.none_so")}</p>
        )}
        <ul class="orders">
          {shown.map((order) => (
            <OrderRow key={order.id} order={order} desk={desk} />
          ))}
        </ul>
        {next !== undefined && (
          <Button
            size="small"
            look="plain"
            wide
            busy={desk.doing.value.has("earlier")}
            onClick={() => desk.earlierOrders()}
          >
            {t("orders.earlier")}
          </Button>
        )}
      </div>
    </section>
  );
}
