import { Button, Field, IconButton } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import type { Till } from "../till.ts";
import { t, type Word } from "../words/index.ts";

interface Props {
  readonly till: Till;
}

/** The code that is applied, or a place to type one; why it does not hold stands beside it. */
export function CouponField({ till }: Props) {
  const code = till.coupon.value;
  const trouble = till.couponTrouble.value;
  if (code !== null) {
    return (
      <p class="coupon-applied">
        <span>{t("coupon_applied", { code })}</span>
        <IconButton icon="close" label={t("coupon_leave", { code })} onClick={() => till.useCoupon(null)} />
      </p>
    );
  }

  function submit(event: TargetedEvent<HTMLFormElement>): void {
    event.preventDefault();
    const typed = String(new FormData(event.currentTarget).get("coupon") ?? "").trim();
    if (typed) till.useCoupon(typed.toUpperCase());
  }

  return (
    <form class="coupon-form" onSubmit={submit}>
      <Field
        label={t("coupon_code")}
        name="coupon"
        autocomplete="off"
        autocapitalize="characters"
        maxLength={24}
        problem={trouble ? t(trouble.code as Word) : undefined}
      />
      <Button type="submit">{t("coupon_apply")}</Button>
    </form>
  );
}
