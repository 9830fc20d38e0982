import { DURATIONS_S, HOLDS_S, type OfferDraft } from "../offerdraft.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly draft: OfferDraft;
  readonly onChange: (changes: Partial<OfferDraft>) => void;
}

/** How long it sells, and how long a buyer may take to pay. */
export function OfferTerms({ draft, onChange }: Props) {
  return (
    <>
      <fieldset class="choice">
        <legend>{t("offer.lasts")}</legend>
        {[...DURATIONS_S, null].map((duration_s) => (
          <label key={duration_s}>
            <input
              type="radio"
              name="duration"
              checked={duration_s === draft.duration_s}
              onChange={() => onChange({ duration_s })}
            />
            <span>{duration_s === null ? t("offer.for_ever") : spoken(duration_s)}</span>
          </label>
        ))}
      </fieldset>
      <fieldset class="choice">
        <legend>{t("offer.hold")}</legend>
        {HOLDS_S.map((hold_s) => (
          <label key={hold_s}>
            <input
              type="radio"
              name="hold"
              checked={hold_s === draft.hold_s}
              onChange={() => onChange({ hold_s })}
            />
            <span>{spoken(hold_s)}</span>
          </label>
        ))}
      </fieldset>
    </>
  );
}

function spoken(seconds: number): string {
  return seconds % 60 === 0
    ? t("offer.minutes", { count: seconds / 60 })
    : t("offer.seconds", { count: seconds });
}
