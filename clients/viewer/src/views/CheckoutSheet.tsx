import { Button, Countdown, money, Sheet } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { explained } from "../explain.ts";
import { useLive } from "../live.ts";
import type { AddressView } from "@liveshop/client";
import type { Till } from "../till.ts";
import { t } from "../words/index.ts";
import { AddressForm } from "./AddressForm.tsx";
import { AddressPick } from "./AddressPick.tsx";
import "./CheckoutSheet.css";
import { CouponField } from "./CouponField.tsx";
import { GatewayPick } from "./GatewayPick.tsx";
import { OptionPick } from "./OptionPick.tsx";
import { OrderPick } from "./OrderPick.tsx";
import { Sums } from "./Sums.tsx";

interface Props {
  readonly till: Till;
}

/** What will be paid and what it comes to, on one sheet, before anything is charged. */
export function CheckoutSheet({ till }: Props) {
  const { settle, leaveTill } = useLive();
  const typing = useSignal<AddressView | "new" | null>(null);
  const { delivery, gateways } = till;
  const quote = till.quote.value;
  const trouble = till.trouble.value;
  const none = till.addresses.value.length === 0;
  const asksWhere = delivery.asks_address && (none || typing.value !== null);
  const edited = typing.value === "new" || typing.value === null ? undefined : typing.value;

  return (
    <Sheet
      title={t("checkout")}
      onClose={leaveTill}
      footer={
        !asksWhere && (
          <Button
            look="strong"
            wide
            icon="lock"
            disabled={quote === null}
            busy={till.paying.value}
            onClick={settle}
          >
            {quote === null ? (
              t("pay_now")
            ) : (
              <>
                {t("pay_sum", { sum: money(quote.total_minor, quote.currency) })}
                <span class="checkout-clock">
                  <Countdown key={quote.pay_by} to={quote.pay_by} />
                </span>
              </>
            )}
          </Button>
        )
      }
    >
      <div class="checkout">
        <OrderPick till={till} />
        {asksWhere ? (
          <AddressForm
            countries={delivery.countries ?? []}
            key={edited?.id}
            from={edited?.address}
            keep={(typed) => (edited ? till.change(edited.id, typed) : till.keep(typed))}
            onKept={() => (typing.value = null)}
            onBack={none ? undefined : () => (typing.value = null)}
          />
        ) : (
          delivery.asks_address && (
            <AddressPick
              till={till}
              onNew={() => (typing.value = "new")}
              onEdit={(kept) => (typing.value = kept)}
            />
          )
        )}
        {!asksWhere && (
          <>
            {quote?.options && quote.options.length > 0 && <OptionPick till={till} quote={quote} />}
            {gateways.length > 1 && <GatewayPick till={till} />}
            <CouponField till={till} />
            {trouble && (
              <p class="checkout-trouble" role="alert">
                {explained(trouble)}
              </p>
            )}
            {quote && <Sums quote={quote} />}
          </>
        )}
      </div>
    </Sheet>
  );
}
