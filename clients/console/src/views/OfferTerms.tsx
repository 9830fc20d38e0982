import { DURATIONS_S, HOLDS_S, type OfferDraft } from "../offerdraft.ts";
import { t } from "../texts/index.ts";
import { Choice } from "./Choice.tsx";

/** Stands for "until somebody closes it" among the durations. */
const FOR_EVER = 0;

interface Props {
  readonly draft: OfferDraft;
  readonly onChange: (changes: Partial<OfferDraft>) => void;
}

/** How long it sells, and how long a buyer may take to pay. */
export function OfferTerms({ draft, onChange }: Props) {
  return (
    <>
      <Choice
        legend={t("offer.lasts")}
        values={[...DURATIONS_S, FOR_EVER]}
        chosen={draft.duration_s ?? FOR_EVER}
        onChoose={(seconds) => onChange({ duration_s: seconds === FOR_EVER ? null : seconds })}
      >
        {(seconds) => (seconds === FOR_EVER ? t("offer.for_ever") : spoken(seconds))}
      </Choice>
      <Choice
        legend={t("offer.hold")}
        // An offer from elsewhere may have another one.
        values={[...new Set([...HOLDS_S, draft.hold_s])]}
        chosen={draft.hold_s}
        onChoose={(hold_s) => onChange({ hold_s })}
      >
        {spoken}
      </Choice>
      <p class="field-hint">{t("offer.hold_hint")}</p>
    </>
  );
}

function spoken(seconds: number): string {
  return seconds % 60 === 0
    ? t("offer.minutes", { count: seconds / 60 })
    : t("offer.seconds", { count: seconds });
}
