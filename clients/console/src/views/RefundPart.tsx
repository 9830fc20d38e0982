import type { OrderView } from "@liveshop/client";
import { Field, money, toast, unit } from "@liveshop/ui";
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { minorOf } from "../offerdraft.ts";
import { t } from "../texts/index.ts";
import { SureButton } from "./SureButton.tsx";

interface Props {
  readonly order: OrderView;
  readonly desk: Desk;
}

/** Money that goes back, all or some of it; and whether the units do, too. */
export function RefundPart({ order, desk }: Props) {
  const { currency, buyer_name: name } = order;
  const left = order.total_minor - (order.refunded_minor ?? 0);
  const [typed, setTyped] = useState<string | null>(null);
  const [returned, setReturned] = useState(true);
  const [reason, setReason] = useState("");
  const digits = Math.round(Math.log10(unit(currency)));
  const text = typed ?? (left / unit(currency)).toFixed(digits);
  const minor = minorOf(text, digits);
  const good = minor !== undefined && minor <= left && (minor > 0 || (left === 0 && returned));
  const amount = money(good ? minor : left, currency);

  async function refund() {
    if (!good) return;
    const what = {
      return_units: returned,
      reason: reason.trim(),
      ...(minor !== left && { amount_minor: minor }),
    };
    if (!(await desk.refund(order, what))) return;
    setTyped(null);
    toast(t("orders.refunded", { name, amount }), "good");
  }

  return (
    <section class="order-part">
      <h3>{t("orders.refund")}</h3>
      <div class="order-pair">
        <Field
          label={t("orders.amount")}
          inputMode="decimal"
          value={text}
          problem={good ? undefined : t("orders.amount_wrong", { most: money(left, currency) })}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <Field
          label={t("orders.reason")}
          value={reason}
          maxLength={500}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
        />
      </div>
      <label class="order-check">
        <input
          type="checkbox"
          checked={returned}
          onChange={({ currentTarget }) => setReturned(currentTarget.checked)}
        />
        {t("orders.units_back")}
      </label>
      <SureButton
        text={t("orders.refund_amount", { amount })}
        question={t("orders.refund_sure", { amount })}
        label={t("orders.refund_it", { name })}
        busy={desk.doing.value.has(`refund ${order.id}`)}
        onSure={refund}
      />
    </section>
  );
}
