import type { OrderView } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { shop } from "../account.ts";
import { explain } from "../explain.ts";
import { t } from "../words/index.ts";
import "./RefundRequest.css";

interface Props {
  readonly order: OrderView;
  readonly onChange: (order: OrderView) => void;
}

/** The way to the money back: asking for it, and what became of that. */
export function RefundRequest({ order, onChange }: Props) {
  const { refund_request: request } = order;
  const writing = useSignal(false);
  const reason = useSignal("");
  const busy = useSignal(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const path = `/api/orders/${order.id}/refund-request`;

  useEffect(() => field.current?.focus(), [writing.value]);

  async function change(deed: Promise<OrderView>): Promise<void> {
    busy.value = true;
    await deed.then((changed) => {
      writing.value = false;
      onChange(changed);
    }, explain);
    busy.value = false;
  }

  if (request !== undefined) {
    const status = request.status ?? "open";
    if (status === "granted") return null;
    return (
      <div class="refund-request" role="status">
        <p>
          <strong>{t(status === "open" ? "refund_asked" : "refund_declined")}</strong>
        </p>
        <p>{status === "open" ? request.reason : request.answer}</p>
        {status === "open" && (
          <Button
            look="plain"
            busy={busy.value}
            onClick={() => change(shop.delete<OrderView>(path))}
          >
            {t("refund_withdraw")}
          </Button>
        )}
      </div>
    );
  }
  if (!writing.value) {
    return (
      <Button
        look="plain"
        class="refund-ask"
        aria-label={t("refund_ask_for", { title: order.title })}
        onClick={() => (writing.value = true)}
      >
        {t("refund_ask")}
      </Button>
    );
  }
  return (
    <form
      class="refund-request"
      onSubmit={(event) => {
        event.preventDefault();
        if (reason.value.trim() === "") return;
        void change(shop.put<OrderView>(path, { reason: reason.value }));
      }}
    >
      <label for={id}>{t("refund_why")}</label>
      <textarea
        ref={field}
        id={id}
        rows={3}
        maxLength={500}
        required
        value={reason.value}
        onInput={({ currentTarget }) => (reason.value = currentTarget.value)}
      />
      <div class="refund-deeds">
        <Button onClick={() => (writing.value = false)}>{t("refund_leave")}</Button>
        <Button type="submit" look="strong" busy={busy.value} disabled={reason.value.trim() === ""}>
          {t("refund_send")}
        </Button>
      </div>
    </form>
  );
}
