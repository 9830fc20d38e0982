import type { OfferView, ProductView } from "@liveshop/client";
import { Button, serverNow, toast, unit } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import {
  availableOf,
  hasRoom,
  isBundle,
  partOf,
  priceOf,
  type Part,
  type Parts,
} from "../bundle.ts";
import type { Desk } from "../desk.ts";
import {
  checked,
  draftOf,
  entering,
  type Entry,
  isSound,
  type Kind,
  type OfferDraft,
  ofKind,
  type Policy,
  withGoods,
} from "../offerdraft.ts";
import { openingOf } from "../opening.ts";
import { sentence, t } from "../texts/index.ts";
import { AddPart } from "./AddPart.tsx";
import { BundleParts } from "./BundleParts.tsx";
import { Choice } from "./Choice.tsx";
import { OfferAmounts } from "./OfferAmounts.tsx";
import { OfferTerms } from "./OfferTerms.tsx";
import { OpensWhen } from "./OpensWhen.tsx";
import { ProductSummary } from "./ProductSummary.tsx";
import { VariantLabel } from "./VariantLabel.tsx";

const KINDS: readonly Kind[] = ["flash", "everyday"];
const ENTRIES: readonly Entry[] = ["open", "queue"];
const POLICIES: readonly Policy[] = ["hold", "first_paid"];

interface Props {
  readonly desk: Desk;
  readonly product: ProductView;
  readonly again: OfferView | undefined;
  /** What else is in each unit, when a bundle is made again. */
  readonly others: readonly Part[];
  readonly onChange: () => void;
  readonly onDone: () => void;
}

export function OfferForm({ desk, product, again, others, onChange, onDone }: Props) {
  const { variants } = product;
  const first = variants.find(({ id }) => id === again?.variant) ?? inStock(product);
  const [parts, setParts] = useState<Parts | undefined>(
    () => first && [partOf(product, first, countIn(again, first.id)), ...others],
  );
  const currency = first?.currency ?? "USD";
  const digits = Math.round(Math.log10(unit(currency)));
  const [draft, setDraft] = useState(
    () => parts && draftOf(goodsOf(parts), again?.kind ?? "flash", digits, again),
  );
  const [tried, setTried] = useState(false);
  const [picking, setPicking] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  if (parts === undefined || draft === undefined) return null;
  const answer = checked(draft, parts, digits);
  const opens =
    draft.opens === null ? null : openingOf(draft.opens, serverNow(), draft.entry === "queue");
  const opensAt = typeof opens === "number" ? opens : undefined;
  const wrong = typeof opens === "string" ? opens : undefined;
  const faults = tried && !isSound(answer) ? answer : {};
  const { kind } = draft;
  const change = (changes: Partial<OfferDraft>) => setDraft({ ...draft, ...changes });

  function fill(parts: Parts) {
    setParts(parts);
    if (draft) setDraft(withGoods(draft, goodsOf(parts), digits));
  }

  function pick(id: string) {
    const picked = variants.find((one) => one.id === id);
    if (picked !== undefined) fill([partOf(product, picked)]);
  }

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    setTried(true);
    if (!isSound(answer) || wrong !== undefined) return;
    setBusy(true);
    try {
      await desk.add(answer, opensAt);
      toast(t("offer.added", { title: answer.title ?? product.title }), "good");
      onDone();
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  }

  return (
    <>
      <form class="form" onSubmit={submit} noValidate>
        <div class="offer-product">
          <ProductSummary product={product} />
          <Button size="small" onClick={onChange}>
            {t("offer.change")}
          </Button>
        </div>
        {variants.length > 1 && !isBundle(parts) && (
          <Choice
            legend={t("offer.variant")}
            values={variants.map(({ id }) => id)}
            chosen={parts[0].variant.id}
            onChoose={pick}
          >
            {(id) => <VariantLabel variant={variants.find((one) => one.id === id)} />}
          </Choice>
        )}
        <BundleParts
          parts={parts}
          title={draft.title}
          onParts={fill}
          onTitle={(title) => change({ title })}
        />
        {hasRoom(parts) && (
          <Button size="small" icon="plus" onClick={() => setPicking(true)}>
            {t(isBundle(parts) ? "bundle.add" : "bundle.make")}
          </Button>
        )}
        <Choice
          look="cards"
          legend={t("offer.kind")}
          values={KINDS}
          chosen={draft.kind}
          onChoose={(kind) => setDraft(ofKind(draft, kind, goodsOf(parts), digits))}
        >
          {(kind) => (
            <>
              <strong>{t(`kind.${kind}`)}</strong>
              <small>{t(`offer.${kind}`)}</small>
            </>
          )}
        </Choice>
        {kind === "flash" && (
          <Choice
            look="cards"
            legend={t("offer.entry")}
            values={ENTRIES}
            chosen={draft.entry}
            onChoose={(entry) => setDraft(entering(draft, entry))}
          >
            {(entry) => (
              <>
                <strong>{t(`entry.${entry}`)}</strong>
                <small>{t(`offer.entry_${entry}`)}</small>
              </>
            )}
          </Choice>
        )}
        {draft.entry === "open" && (
          <Choice
            look="cards"
            legend={t("offer.policy")}
            values={POLICIES}
            chosen={draft.policy}
            onChoose={(policy) => change({ policy })}
          >
            {(policy) => (
              <>
                <strong>{t(`policy.${policy}`)}</strong>
                <small>{t(`offer.policy_${policy}`)}</small>
              </>
            )}
          </Choice>
        )}
        <OfferAmounts {...{ draft, parts, faults, digits }} onChange={change} />
        <OfferTerms draft={draft} onChange={change} />
        <OpensWhen
          draft={draft}
          problem={tried && wrong ? t(`opening.${wrong}`) : undefined}
          onChange={change}
        />
        <div class="form-foot">
          {problem && (
            <p class="form-problem" role="alert">
              {problem}
            </p>
          )}
          <Button type="submit" look="strong" wide busy={busy}>
            {t("offer.add")}
          </Button>
        </div>
      </form>
      {picking && <AddPart parts={parts} onParts={fill} onClose={() => setPicking(false)} />}
    </>
  );
}

function inStock({ variants }: ProductView) {
  return variants.find(({ available }) => available > 0) ?? variants[0];
}

function countIn(again: OfferView | undefined, variant: string): number {
  return again?.items?.find((item) => item.variant === variant)?.count ?? 1;
}

function goodsOf(parts: Parts) {
  return { price_minor: priceOf(parts), available: availableOf(parts) };
}
