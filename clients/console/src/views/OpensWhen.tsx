import { Field, serverNow } from "@liveshop/ui";
import type { OfferDraft } from "../offerdraft.ts";
import { suggestedOpening } from "../opening.ts";
import { t } from "../texts/index.ts";
import { Choice } from "./Choice.tsx";

const WAYS = ["by_hand", "at_moment"] as const;

interface Props {
  readonly draft: OfferDraft;
  readonly problem: string | undefined;
  readonly onChange: (changes: Partial<OfferDraft>) => void;
}

/** Opened by hand while the show runs, or by itself at a moment that is set in advance. */
export function OpensWhen({ draft: { opens }, problem, onChange }: Props) {
  return (
    <>
      <Choice
        legend={t("opening.legend")}
        values={WAYS}
        chosen={opens === null ? "by_hand" : "at_moment"}
        onChoose={(way) =>
          onChange({ opens: way === "by_hand" ? null : suggestedOpening(serverNow()) })
        }
      >
        {(way) => t(`opening.${way}`)}
      </Choice>
      {opens !== null && (
        <Field
          label={t("opening.at")}
          type="datetime-local"
          value={opens}
          problem={problem}
          hint={t("opening.hint")}
          onInput={({ currentTarget }) => onChange({ opens: currentTarget.value })}
        />
      )}
    </>
  );
}
