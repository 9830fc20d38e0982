import type { OrderView } from "@liveshop/client";
import { money, Picture, thumbnail } from "@liveshop/ui";
import type { Till } from "../till.ts";
import { t } from "../words/index.ts";

interface Props {
  readonly till: Till;
}

/** What is paid together; with several, each may be left for later. */
export function OrderPick({ till }: Props) {
  const several = till.orders.length > 1;
  const chosen = till.chosen.value;
  return (
    <fieldset class="pick">
      <legend>{t("pay_together", { count: till.orders.length })}</legend>
      {till.orders.map((order) => (
        <label key={order.id} class="pick-row">
          {several && (
            <input
              type="checkbox"
              checked={chosen.has(order.id)}
              onChange={({ currentTarget }) => till.choose(order.id, currentTarget.checked)}
            />
          )}
          <Picture src={thumbnail(order.picture)} class="pick-picture" />
          <span class="pick-what">
            <strong>{order.title}</strong>
            <small>{details(order)}</small>
            {order.first_paid && <small>{t("race_pay")}</small>}
          </span>
          <span class="tabular">{money(order.total_minor, order.currency)}</span>
        </label>
      ))}
    </fieldset>
  );
}

function details({ options = [], quantity }: OrderView): string {
  return [...options, `× ${quantity}`].join(" · ");
}
