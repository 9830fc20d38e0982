import type { OfferView, ProductView, VariantView } from "@liveshop/client";
import { Button, toast, unit } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import {
  checked,
  draftOf,
  entering,
  type Entry,
  isSound,
  type Kind,
  type OfferDraft,
  type Policy,
} from "../offerdraft.ts";
import { number, sentence, t } from "../texts/index.ts";
import { Choice } from "./Choice.tsx";
import { OfferAmounts } from "./OfferAmounts.tsx";
import { OfferTerms } from "./OfferTerms.tsx";
import { ProductSummary } from "./ProductSummary.tsx";

const KINDS: readonly Kind[] = ["flash", "everyday"];
const ENTRIES: readonly Entry[] = ["open", "queue"];
const POLICIES: readonly Policy[] = ["hold", "first_paid"];

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
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  if (variant === undefined || draft === undefined) return null;
  const answer = checked(draft, variant, digits);
  const faults = tried && !isSound(answer) ? answer : {};
  const { kind } = draft;
  const change = (changes: Partial<OfferDraft>) => setDraft({ ...draft, ...changes });

  function pick(id: string) {
    const picked = variants.find((one) => one.id === id);
    if (picked === undefined) return;
    setVariant(picked);
    setDraft(draftOf(picked, kind, digits));
  }

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    setTried(true);
    if (!isSound(answer)) return;
    setBusy(true);
    try {
      await desk.add(answer);
      toast(t("offer.added", { title: product.title }), "good");
      onDone();
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
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
        <Choice
          legend={t("offer.variant")}
          values={variants.map(({ id }) => id)}
          chosen={variant.id}
          onChoose={pick}
        >
          {(id) => <VariantLabel variant={variants.find((one) => one.id === id)} />}
        </Choice>
      )}
      <Choice
        look="cards"
        legend={t("offer.kind")}
        values={KINDS}
        chosen={draft.kind}
        onChoose={(kind) => setDraft({ ...draftOf(variant, kind, digits), price: draft.price })}
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
      <OfferAmounts {...{ draft, variant, faults, digits }} onChange={change} />
      <OfferTerms draft={draft} onChange={change} />
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
  );
}

function inStock({ variants }: ProductView) {
  return variants.find(({ available }) => available > 0) ?? variants[0];
}

function VariantLabel({ variant }: { readonly variant: VariantView | undefined }) {
  if (variant === undefined) return null;
  const { options = [], available } = variant;
  return (
    <>
      {options.join(" · ")} <small class="tabular">{number(available)}</small>
    </>
  );
}
