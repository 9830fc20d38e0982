import { Button, Icon, now } from "@liveshop/ui";
import { useComputed } from "@preact/signals";
import { claim, claimOf, headline, terms } from "../coupon.ts";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./CouponChip.css";

/** The coupon that is on screen: one tap, and the checkout knows it. */
export function CouponChip() {
  const { id, state, replay } = useLive();
  const { coupon } = state.value;
  const over = useComputed(() => {
    const until = state.value.coupon?.valid_until;
    return until !== undefined && now.value >= until;
  });
  if (coupon === null || replay || over.value) return null;
  const mine = claimOf(id) === coupon.code;
  const gone = coupon.used_up === true && !mine;
  return (
    <section class="coupon-chip on-paper" aria-label={t("coupon")}>
      <Icon name="tag" />
      <span class="coupon-what">
        <strong>{headline(coupon)}</strong>
        <small>{[coupon.code, terms(coupon)].filter(Boolean).join(" · ")}</small>
      </span>
      <Button
        size="small"
        look={mine || gone ? "soft" : "strong"}
        disabled={mine || gone}
        {...(mine && { icon: "check" as const })}
        onClick={() => claim(id, coupon.code)}
      >
        {t(gone ? "coupon_gone" : mine ? "coupon_claimed" : "coupon_claim")}
      </Button>
    </section>
  );
}
