import type { Saving } from "../goods.ts";
import { sentence, t } from "../texts/index.ts";

interface Props {
  readonly saving: Saving;
}

/** Whether the last change is kept; a refusal in the server's own sentence. */
export function SaveState({ saving }: Props) {
  return (
    <div class="save-state" aria-live="polite">
      {saving.is === "saving" && <span>{t("note.saving")}</span>}
      {saving.is === "saved" && <span class="save-state-good">{t("note.saved")}</span>}
      {saving.is === "failed" && (
        <span class="save-state-bad">
          {t("goods.not_saved")} {sentence(saving.error)}
        </span>
      )}
    </div>
  );
}
