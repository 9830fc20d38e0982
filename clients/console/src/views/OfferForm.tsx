import type { OfferView, ProductView } from "@liveshop/client";
import { Button, Field, money, toast, unit } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { checked, draftOf, isSound, type Kind, type OfferDraft } from "../offerdraft.ts";
import { number, t } from "../texts/index.ts";
import { OfferTerms } from "./OfferTerms.tsx";
import { ProductSummary } from "./ProductSummary.tsx";

const KINDS: readonly Kind[] = ["flash", "everyday"];

interface Props {
  readonly desk: Desk;
  readonly product: ProductView;
  readonly again: OfferView | undefined;
  readonly onChange: () => void;
  readonly onDone: () => void;
}

export function OfferForm({ desk, product, again, onChange, onDone }: Props) {
  const { variants } = product;
  const first = variants.find(({ id }) => id === again?.variant) ?? inStock(product);
  const [variant, setVariant] = useState(first);
  const digits = Math.round(Math.log10(unit(variant?.currency ?? "USD")));
  const [draft, setDraft] = useState(
    () => variant && draftOf(variant, again?.kind ?? "flash", digits, again),
  );
  const [tried, setTried] = useState(false);
  if (variant === undefined || draft === undefined) return null;
  const answer = checked(draft, variant, digits);
  const faults = tried && !isSound(answer) ? answer : {};
  const change = (changes: Partial<OfferDraft>) => setDraft({ ...draft, ...changes });

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    setTried(true);
    if (!isSound(answer) || !(await desk.add(answer))) return;
    toast(t("offer.added", { title: product.title }), "good");
    onDone();
  }

  function saidFault(field: keyof typeof faults): string | undefined {
    const fault = faults[field];
    const example = (12.5).toFixed(digits);
    return fault && t(`fault.${fault}`, { example, n: variant?.available ?? 0 });
  }

  return (
    <form class="form" onSubmit={submit} noValidate>
      <div class="offer-product">
        <ProductSummary product={product} />
        <Button size="small" onClick={onChange}>
          {t("offer.change")}
        </Button>
      </div>
      {variants.length > 1 && (
        <fieldset class="choice">
          <legend>{t("offer.variant")}</legend>
          {variants.map((one) => (
            <label key={one.id}>
              <input
                type="radio"
                name="variant"
                checked={one.id === variant.id}
                onChange={() => {
                  setVariant(one);
                  setDraft(draftOf(one, draft.kind, digits));
                }}
              />
              <span>
                {(one.options ?? []).join(" · ")} <small class="tabular">{number(one.available)}</small>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      <fieldset class="kinds">
        <legend>{t("offer.kind")}</legend>
        {KINDS.map((kind) => (
          <label key={kind}>
            <input
              type="radio"
              name="kind"
              checked={kind === draft.kind}
              onChange={() => setDraft({ ...draftOf(variant, kind, digits), price: draft.price })}
            />
            <span>
              <strong>{t(`kind.${kind}`)}</strong>
              <small>{t(`offer.${kind}`)}</small>
            </span>
          </label>
        ))}
      </fieldset>
      <div class="form-row">
        <Field
          label={t("offer.price")}
          inputMode="decimal"
          value={draft.price}
          problem={saidFault("price")}
          hint={t("offer.usually", { price: money(variant.price_minor, variant.currency) })}
          onInput={({ currentTarget }) => change({ price: currentTarget.value })}
        />
        <Field
          label={t("offer.quantity")}
          inputMode="numeric"
          value={draft.quantity}
          problem={saidFault("quantity")}
          hint={t("offer.in_stock", { n: variant.available })}
          onInput={({ currentTarget }) => change({ quantity: currentTarget.value })}
        />
        <Field
          label={t("offer.limit")}
          inputMode="numeric"
          value={draft.limit}
          problem={saidFault("limit")}
          onInput={({ currentTarget }) => change({ limit: currentTarget.value })}
        />
      </div>
      <OfferTerms draft={draft} onChange={change} />
      <div class="form-foot">
        <Button type="submit" look="strong" wide busy={desk.doing.value.has("add")}>
          {t("offer.add")}
        </Button>
      </div>
    </form>
  );
}

function inStock({ variants }: ProductView) {
  return variants.find(({ available }) => available > 0) ?? variants[0];
}
