import { Button, Countdown, now } from "@liveshop/ui";
import { useComputed } from "@preact/signals";
import { useLive } from "../live.ts";
import { awaiting } from "../offering.ts";
import { t } from "../words/index.ts";
import "./PayStrip.css";

interface Props {
  readonly onOrders: () => void;
}

/** Reminds of orders that wait for payment, unless the card below does so already. */
export function PayStrip({ onOrders }: Props) {
  const { state } = useLive();
  // A string is the same when nothing changed, so this renders only when something did.
  const due = useComputed(() => {
    const { orders, pinned } = state.value;
    const waiting = awaiting(orders, now.value).filter(({ offer }) => offer !== pinned);
    return JSON.stringify(waiting.map(({ pay_by }) => pay_by).sort());
  });
  const deadlines = JSON.parse(due.value) as readonly number[];
  const [soonest] = deadlines;
  if (soonest === undefined) return null;
  return (
    <div class="pay-strip">
      <span>{t("awaiting", { count: deadlines.length })}</span>
      <Button size="small" look="strong" onClick={onOrders}>
        {t("pay_within")} <Countdown key={soonest} to={soonest} />
      </Button>
    </div>
  );
}
