import type { OfferView } from "@liveshop/client";
import { Button, Countdown, serverNow } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { type Offering, payable, turnEnds } from "../offering.ts";
import { shopPage } from "../shoppage.ts";
import { t } from "../words/index.ts";
import { CartButton } from "./CartButton.tsx";

interface Props {
  readonly offer: OfferView;
  readonly offering: Offering;
}

/** The one thing to do with an offer now, or why there is none. */
export function BuyButton({ offer, offering }: Props) {
  const { buy, enter, pay, state, unwait, wait } = useLive();
  switch (offering) {
    case "buy":
    case "buy_another":
      if (shopPage.value?.sells(offer)) return <CartButton offer={offer} page={shopPage.value} />;
      return (
        <Button
          look="strong"
          {...(offer.kind === "flash" && { icon: "bolt" })}
          onClick={() => buy(offer)}
        >
          {t(offering === "buy" && offer.kind === "flash" ? "buy_flash" : offering)}
        </Button>
      );
    case "reserving":
    case "reserved":
      return (
        <Button look="strong" busy>
          {t(offer.policy === "first_paid" ? "to_the_till" : offering)}
        </Button>
      );
    case "pay": {
      const order = payable(state.value.orders, offer.id, serverNow());
      if (order === undefined) return null;
      return (
        <Button look="strong" onClick={() => pay(order)}>
          {t("pay_within")} <Countdown key={order.pay_by} to={order.pay_by} />
        </Button>
      );
    }
    case "coming":
      return (
        <Button disabled icon="clock" class="buy-coming">
          {offer.opens_at === undefined ? (
            t("soon")
          ) : (
            <span>
              {t("opens_in")} <Countdown key={offer.opens_at} to={offer.opens_at} />
            </span>
          )}
        </Button>
      );
    case "paid":
      return (
        <Button disabled icon="check" class="buy-paid">
          {t("paid")}
        </Button>
      );
    case "sold_out":
      // Nothing is held, so nothing comes back that somebody could wait for.
      if (offer.policy === "first_paid") return <Button disabled>{t(offering)}</Button>;
      return (
        <Button class="buy-wait" onClick={() => wait(offer)}>
          {t("wait")}
        </Button>
      );
    case "waiting":
      // Where one stands is said above it.
      return <Button onClick={() => unwait(offer)}>{t("unwait")}</Button>;
    case "enter":
    case "enter_late":
    case "missed":
      return (
        <Button look="strong" onClick={() => enter(offer)}>
          {t(offering === "enter" ? "enter" : "enter_late")}
        </Button>
      );
    case "entered":
    case "drawing":
      return (
        <Button disabled icon="check" class="buy-coming">
          {t("entered")}
        </Button>
      );
    case "queued": {
      const { called = 0, mine } = state.value.queues[offer.id] ?? {};
      const ahead = Math.max((mine?.place ?? 1) - called - 1, 0);
      return (
        <Button disabled class="buy-coming">
          {ahead === 0 ? t("next_in_line") : t("ahead", { count: ahead })}
        </Button>
      );
    }
    case "turn": {
      const until = turnEnds(state.value.queues, offer);
      return (
        <Button look="strong" icon="bolt" onClick={() => buy(offer)}>
          {t("buy")} <Countdown key={until} to={until} />
        </Button>
      );
    }
    case "soon":
    case "expiring":
    case "limit_reached":
    case "closed":
      return <Button disabled>{t(offering)}</Button>;
  }
}
