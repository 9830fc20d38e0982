import type { CouponView } from "@liveshop/client";
import { Button, dayAndTime, money, now, Sheet } from "@liveshop/ui";
import { useComputed } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { standingAt } from "../coupondraft.ts";
import type { Desk } from "../desk.ts";
import { number, t } from "../texts/index.ts";
import { GiveCoupon } from "./GiveCoupon.tsx";
import { SureButton } from "./SureButton.tsx";
import "../style/coupons.css";

interface Props {
  readonly desk: Desk;
}

/** Behind one button of the desk: what coupons there are, and which one viewers see. */
export function Coupons({ desk }: Props) {
  const [open, setOpen] = useState(false);
  if (!desk.may("sell", "run_show")) return null;
  return (
    <>
      <Button icon="tag" class="coupons-open" onClick={() => setOpen(true)}>
        <span>{t("coupons.title")}</span>
      </Button>
      {open && <CouponSheet desk={desk} onClose={() => setOpen(false)} />}
    </>
  );
}

function CouponSheet({ desk, onClose }: Props & { readonly onClose: () => void }) {
  const { list, look } = desk.coupons;
  const [giving, setGiving] = useState(false);
  useEffect(() => void look(), []);
  const ended = desk.room.value.show?.state === "ended";
  const gives = !ended && desk.may("sell");
  const none = list.value?.length === 0;
  return (
    <Sheet title={t("coupons.title")} onClose={onClose}>
      {gives && list.value !== null && !giving && !none && (
        <Button icon="plus" wide onClick={() => setGiving(true)}>
          {t("coupons.new")}
        </Button>
      )}
      {gives && (giving || none) && (
        <GiveCoupon
          key={String(giving)}
          desk={desk}
          onGiven={() => setGiving(false)}
          {...(giving && { onCancel: () => setGiving(false) })}
        />
      )}
      {none && !gives && <p class="empty">{t("coupons.none")}</p>}
      <ul class="coupons">
        {list.value?.map((coupon) => (
          <li key={coupon.id}>
            <CouponRow desk={desk} coupon={coupon} ended={ended} />
          </li>
        ))}
      </ul>
    </Sheet>
  );
}

interface RowProps extends Props {
  readonly coupon: CouponView;
  readonly ended: boolean;
}

function CouponRow({ desk, coupon, ended }: RowProps) {
  const { id, code, used, quota } = coupon;
  const standing = useComputed(() => standingAt(coupon, now.value)).value;
  const shown = desk.room.value.coupon?.id === id;
  const busy = desk.doing.value.has("show coupon");
  return (
    <article class={shown ? "coupon coupon-shown" : "coupon"} aria-label={code}>
      <div>
        <h3>
          <code>{code}</code> {off(coupon)}
        </h3>
        <p class="tabular">
          {t("coupons.used", { used: number(used), of: number(quota) })}
          {(coupon.given_minor ?? 0) > 0 && coupon.currency && (
            <> · {t("coupons.given", { sum: money(coupon.given_minor ?? 0, coupon.currency) })}</>
          )}
        </p>
        <Terms coupon={coupon} />
      </div>
      {standing === "over" || ended ? (
        <span class="chip">{t("coupons.ended")}</span>
      ) : (
        <div class="coupon-deeds">
          {shown && <span class="chip coupon-on">{t("coupons.shown")}</span>}
          {standing === "coming" && !shown ? (
            <span class="chip chip-coming">{t("coupons.coming")}</span>
          ) : (
            <Button
              size="small"
              busy={busy}
              onClick={() => desk.coupons.show(shown ? null : id)}
            >
              {t(shown ? "coupons.hide" : "coupons.show")}
            </Button>
          )}
          {desk.may("sell") && (
            <SureButton
              size="small"
              look="plain"
              text={t("coupons.end")}
              label={t("coupons.end_it", { code })}
              question={t("coupons.end_sure")}
              busy={desk.doing.value.has(`end coupon ${id}`)}
              onSure={() => desk.coupons.end(id)}
            />
          )}
        </div>
      )}
    </article>
  );
}

function off({ percent_bp, amount_minor, currency = "USD" }: CouponView): string {
  return percent_bp === undefined
    ? `−${money(amount_minor ?? 0, currency)}`
    : t("screen.percent_off", { n: percent_bp / 100 });
}

/** When, for what and for whom it holds; nothing for one that holds for all until it is ended. */
function Terms({ coupon }: { readonly coupon: CouponView }) {
  const { valid_from, valid_until, products = [], limit_per_buyer } = coupon;
  const { minimum_minor = 0, currency = "USD" } = coupon;
  const coming = useComputed(() => now.value < valid_from).value;
  const terms = [
    coming && t("coupons.from", { when: dayAndTime(valid_from) }),
    valid_until !== undefined && t("coupons.until", { when: dayAndTime(valid_until) }),
    minimum_minor > 0 && t("coupons.from_goods", { sum: money(minimum_minor, currency) }),
    limit_per_buyer > 1 && t("coupons.limit_is", { count: limit_per_buyer }),
    products.length > 0 && t("coupons.only_for", { count: products.length }),
  ].filter(Boolean);
  return terms.length === 0 ? null : <p class="tabular">{terms.join(" · ")}</p>;
}
