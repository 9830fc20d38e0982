import type { CouponView, NewCoupon } from "@liveshop/client";
import { Button, Field, money, Select, Sheet, unit } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { minorOf } from "../offerdraft.ts";
import { number, t } from "../texts/index.ts";
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
  useEffect(() => void look(), []);
  const ended = desk.room.value.show?.state === "ended";
  return (
    <Sheet title={t("coupons.title")} onClose={onClose}>
      {!ended && desk.may("sell") && <GiveCoupon desk={desk} />}
      {list.value?.length === 0 && <p class="empty">{t("coupons.none")}</p>}
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
  const { id, code, used, quota, ended_at } = coupon;
  const shown = desk.room.value.coupon?.id === id;
  const busy = desk.doing.value.has("show coupon");
  return (
    <article class="coupon" aria-label={code}>
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
      </div>
      {ended_at !== undefined || ended ? (
        <span class="chip">{t("coupons.ended")}</span>
      ) : (
        <div class="coupon-deeds">
          <Button
            size="small"
            look={shown ? "soft" : "strong"}
            busy={busy}
            onClick={() => desk.coupons.show(shown ? null : id)}
          >
            {t(shown ? "coupons.hide" : "coupons.show")}
          </Button>
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
  return percent_bp === undefined ? `−${money(amount_minor ?? 0, currency)}` : `−${percent_bp / 100} %`;
}

/** The least that a coupon needs; it holds from now on, in the host's shows, until it is ended. */
function GiveCoupon({ desk }: Props) {
  const [kind, setKind] = useState<"percent" | "amount">("percent");
  const [wrong, setWrong] = useState(false);
  const currency = desk.offers.value[0]?.currency ?? "USD";

  async function submit(event: TargetedEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const form = event.currentTarget;
    const text = (name: string): string => String(new FormData(form).get(name) ?? "").trim();
    const digits = Math.round(Math.log10(unit(currency)));
    const off = minorOf(text("off"), kind === "percent" ? 2 : digits);
    const minimum = text("minimum") === "" ? 0 : minorOf(text("minimum"), digits);
    setWrong(!off || minimum === undefined);
    if (!off || minimum === undefined) return;
    const coupon: NewCoupon = {
      code: text("code"),
      quota: Number(text("quota")),
      currency,
      minimum_minor: minimum,
      ...(kind === "percent" ? { percent_bp: off } : { amount_minor: off }),
      ...(text("only") === "show" && { show: desk.show }),
    };
    if (await desk.coupons.give(coupon)) form.reset();
  }

  return (
    <form class="coupon-new" onSubmit={submit}>
      <Field
        label={t("coupons.code")}
        name="code"
        required
        pattern="[A-Za-z0-9][A-Za-z0-9\-]{2,23}"
        title={t("coupons.code_hint")}
        autocomplete="off"
      />
      <Field label={t("coupons.quota")} name="quota" type="number" min={1} max={1_000_000} required />
      <Select
        label={t("coupons.kind")}
        name="kind"
        onChange={(event) => setKind(event.currentTarget.value === "amount" ? "amount" : "percent")}
      >
        <option value="percent">{t("coupons.percent")}</option>
        <option value="amount">{t("coupons.amount", { currency })}</option>
      </Select>
      <Field
        label={t("coupons.off")}
        name="off"
        inputMode="decimal"
        required
        problem={wrong ? t("coupons.off_wrong") : undefined}
      />
      <Field label={t("coupons.minimum", { currency })} name="minimum" inputMode="decimal" />
      <Select label={t("coupons.where")} name="only">
        <option value="show">{t("coupons.this_show")}</option>
        <option value="any">{t("coupons.all_shows")}</option>
      </Select>
      <Button type="submit" look="strong" wide busy={desk.doing.value.has("give coupon")}>
        {t("coupons.give")}
      </Button>
    </form>
  );
}
