import type { ProductView } from "@liveshop/client";
import { Button, Field, IconButton, Select, serverNow, Sheet, unit } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import {
  couponFrom,
  isCoupon,
  TERMS,
  type CouponFaults,
  type CouponField,
} from "../coupondraft.ts";
import type { Desk } from "../desk.ts";
import { sentence, t } from "../texts/index.ts";
import { ProductPicker } from "./ProductPicker.tsx";

interface Props {
  readonly desk: Desk;
  readonly onGiven: () => void;
  /** For a form that somebody asked for. */
  readonly onCancel?: () => void;
}

/** A new coupon: what it takes off, from which goods, and when. It never changes but for its end. */
export function GiveCoupon({ desk, onGiven, onCancel }: Props) {
  const [kind, setKind] = useState<"percent" | "amount">("percent");
  const [faults, setFaults] = useState<CouponFaults>({});
  const [products, setProducts] = useState<readonly ProductView[]>([]);
  const [picking, setPicking] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (onCancel) form.current?.querySelector("input")?.focus();
  }, []);
  const currency = desk.offers.value[0]?.currency ?? "USD";
  const refused = desk.coupons.refused.value;

  function problem(field: CouponField): string | undefined {
    if (refused?.field === field) return sentence(refused.error);
    const fault = faults[field];
    if (fault === undefined) return undefined;
    return t(`coupons.fault_${fault}`);
  }
  const termed = TERMS.some((field) => problem(field) !== undefined);

  async function submit(event: TargetedEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    const typed = new FormData(event.currentTarget);
    const text = (name: string): string => String(typed.get(name) ?? "");
    const answer = couponFrom(
      {
        code: text("code"),
        quota: text("quota"),
        kind,
        off: text("off"),
        minimum: text("minimum"),
        limit: text("limit"),
        only: text("only") === "show" ? "show" : "any",
        valid_from: text("valid_from"),
        valid_until: text("valid_until"),
      },
      {
        currency,
        digits: Math.round(Math.log10(unit(currency))),
        show: desk.show,
        products: products.map(({ id }) => id),
        now: serverNow(),
      },
    );
    setFaults(isCoupon(answer) ? {} : answer);
    if (isCoupon(answer) && (await desk.coupons.give(answer))) onGiven();
  }

  function pick(product: ProductView) {
    setPicking(false);
    setProducts([...products.filter(({ id }) => id !== product.id), product]);
  }

  return (
    <>
      <form ref={form} class="coupon-new coupon-fields" onSubmit={submit}>
        <Field
          label={t("coupons.code")}
          name="code"
          required
          pattern="[A-Za-z0-9][A-Za-z0-9\-]{2,23}"
          title={t("coupons.code_hint")}
          autocomplete="off"
          problem={problem("code")}
        />
        <Select
          label={t("coupons.kind")}
          name="kind"
          value={kind}
          onChange={(event) =>
            setKind(event.currentTarget.value === "amount" ? "amount" : "percent")
          }
        >
          <option value="percent">{t("coupons.percent")}</option>
          <option value="amount">{t("coupons.amount", { currency })}</option>
        </Select>
        <Field
          label={t("coupons.off")}
          name="off"
          inputMode="decimal"
          required
          problem={problem("off")}
        />
        <Field
          label={t("coupons.quota")}
          name="quota"
          type="number"
          min={1}
          max={1_000_000}
          required
          problem={problem("quota")}
        />
        <details
          class="coupon-terms"
          open={unfolded || termed}
          onToggle={({ currentTarget }) => setUnfolded(currentTarget.open)}
        >
          <summary>{t("coupons.terms")}</summary>
          <div class="coupon-fields">
            <Field
              label={t("coupons.minimum", { currency })}
              name="minimum"
              inputMode="decimal"
              problem={problem("minimum")}
            />
            <Field
              label={t("coupons.limit")}
              name="limit"
              inputMode="numeric"
              defaultValue="1"
              problem={problem("limit")}
            />
            <Field
              label={t("coupons.valid_from")}
              name="valid_from"
              type="datetime-local"
              class="coupon-moment"
              problem={problem("valid_from")}
            />
            <Field
              label={t("coupons.valid_until")}
              name="valid_until"
              type="datetime-local"
              class="coupon-moment"
              problem={problem("valid_until")}
            />
            <Select label={t("coupons.where")} name="only">
              <option value="show">{t("coupons.this_show")}</option>
              <option value="any">{t("coupons.all_shows")}</option>
            </Select>
            <div class="coupon-products" role="group" aria-label={t("coupons.only")}>
              <p>{t(products.length === 0 ? "coupons.for_all" : "coupons.only")}</p>
              <ul>
                {products.map(({ id, title }) => (
                  <li key={id}>
                    <span>{title}</span>
                    <IconButton
                      icon="close"
                      label={t("coupons.remove_product", { title })}
                      onClick={() => setProducts(products.filter((other) => other.id !== id))}
                    />
                  </li>
                ))}
              </ul>
              <Button size="small" icon="plus" onClick={() => setPicking(true)}>
                {t("coupons.add_product")}
              </Button>
            </div>
          </div>
        </details>
        <Button type="submit" look="strong" wide busy={desk.doing.value.has("give coupon")}>
          {t("coupons.give")}
        </Button>
        {onCancel && (
          <Button look="plain" wide onClick={onCancel}>
            {t("cancel")}
          </Button>
        )}
      </form>
      {picking && (
        <Sheet title={t("coupons.pick")} onClose={() => setPicking(false)}>
          <ProductPicker onPick={pick} />
        </Sheet>
      )}
    </>
  );
}
