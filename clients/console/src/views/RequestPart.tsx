import type { OrderView } from "@liveshop/client";
import { Field } from "@liveshop/ui";
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { SureButton } from "./SureButton.tsx";

interface Props {
  readonly order: OrderView;
  readonly desk: Desk;
}

/** Why the buyer wants their money back, and a no; a yes is a refund, below. */
export function RequestPart({ order, desk }: Props) {
  const { refund_request: request, buyer_name: name } = order;
  const [answer, setAnswer] = useState("");
  if (request === undefined) return null;
  const status = request.status ?? "open";
  return (
    <section class="order-part order-request">
      <h3>{t(`orders.request_${status}`)}</h3>
      <blockquote>{request.reason}</blockquote>
      {status === "declined" && request.answer && (
        <p>{t("orders.request_answered", { answer: request.answer })}</p>
      )}
      {status === "open" && (
        <>
          <Field
            label={t("orders.request_why_not")}
            value={answer}
            maxLength={500}
            onInput={({ currentTarget }) => setAnswer(currentTarget.value)}
          />
          <SureButton
            text={t("orders.request_decline")}
            question={t("orders.request_decline_sure")}
            label={t("orders.request_decline_it", { name })}
            busy={desk.doing.value.has(`refund ${order.id}`)}
            onSure={() => void desk.declineRefund(order, answer.trim())}
          />
        </>
      )}
    </section>
  );
}
