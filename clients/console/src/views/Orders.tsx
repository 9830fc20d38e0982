import type { OrderView } from "@liveshop/client";
import { Button, IconButton } from "@liveshop/ui";
import { useRef, useState } from "preact/hooks";
import { cueOn, switchCue } from "../cue.ts";
import type { Desk } from "../desk.ts";
import { asksBack } from "../orderbook.ts";
import { saveAs } from "../saving.ts";
import { t } from "../texts/index.ts";
import { OrderRow } from "./OrderRow.tsx";
import { OrderSheet } from "./OrderSheet.tsx";
import { useAnchor } from "./useAnchor.ts";
import "../style/picks.css";
import "../style/orders.css";

const FILTERS = ["all", "asks", "awaiting_payment", "paid", "to_send", "refunded"] as const;
type Filter = (typeof FILTERS)[number];

const HERE: readonly OrderView["shipment_state"][] = ["open", "packed"];

interface Props {
  readonly desk: Desk;
}

export function Orders({ desk }: Props) {
  const [filter, setFilter] = useState<Filter>("all");
  const { orders, next } = desk.book.value;
  const [opened, setOpened] = useState<string | null>(null);
  // As it is now: the book moves on while the sheet is open.
  const managed = orders.find(({ id }) => id === opened);
  const scroll = useRef<HTMLDivElement>(null);
  useAnchor(scroll, orders[0]?.id);
  const shown = orders.filter((order) => passes(order, filter));
  const delivers = orders.some(({ shipment }) => shipment !== undefined);
  const asking = orders.filter(asksBack).length;
  const offered = FILTERS.filter((name) => {
    if (name === "to_send") return delivers;
    return name !== "asks" || asking > 0 || filter === "asks";
  });
  return (
    <section class="panel desk-orders" aria-labelledby="orders-title">
      <header class="panel-head">
        <h2 id="orders-title">{t("orders.title")}</h2>
        <IconButton
          class="orders-cue"
          icon={cueOn.value ? "sound" : "mute"}
          label={t("orders.cue")}
          aria-pressed={cueOn.value}
          onClick={switchCue}
        />
        <div class="picks filters" role="group" aria-label={t("orders.filter")}>
          {offered.map((name) => (
            <button
              key={name}
              type="button"
              aria-pressed={name === filter}
              onClick={() => setFilter(name)}
            >
              {t(LABELS[name])}
              {name === "asks" && <b class="filter-count tabular"> {asking}</b>}
            </button>
          ))}
        </div>
      </header>
      <div class="panel-scroll" ref={scroll}>
        {delivers && filter === "to_send" && (
          <Button
            size="small"
            wide
            class="orders-pack-list"
            icon="file"
            busy={desk.doing.value.has("pack-list")}
            onClick={() => savePackList(desk)}
          >
            {t("orders.pack_list")}
          </Button>
        )}
        {shown.length === 0 && (
          <p class="empty">{t(orders.length === 0 ? "orders.none" : "orders.none_so")}</p>
        )}
        <ul class="orders">
          {shown.map((order) => (
            <OrderRow key={order.id} order={order} onManage={() => setOpened(order.id)} />
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
      {managed && <OrderSheet order={managed} desk={desk} onClose={() => setOpened(null)} />}
    </section>
  );
}

const LABELS = {
  all: "orders.all",
  asks: "orders.ask_back",
  awaiting_payment: "order.awaiting_payment",
  paid: "order.paid",
  to_send: "orders.to_send",
  refunded: "order.refunded",
} as const;

function passes(order: OrderView, filter: Filter): boolean {
  if (filter === "asks") return asksBack(order);
  if (filter === "to_send") return order.status === "paid" && HERE.includes(order.shipment_state);
  if (filter === "refunded") return (order.refunded_minor ?? 0) > 0;
  return filter === "all" || order.status === filter;
}

async function savePackList(desk: Desk): Promise<void> {
  const list = await desk.packList();
  if (list === null) return;
  saveAs(`pack-list-${desk.show}.csv`, list);
}
