import { useId } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";

/** Two pages; as the server has it. */
const MAX_CHARACTERS = 4_000;

interface Props {
  readonly desk: Desk;
  /** Empty: the note of the show. */
  readonly offer: string;
  readonly label: string;
}

/** What only those who run the show read. It saves itself. */
export function NoteField({ desk, offer, label }: Props) {
  const field = useId();
  const text = desk.notebook.texts.value.get(offer) ?? "";
  const standing = desk.notebook.standing.value.get(offer);
  return (
    <div class="note-field">
      <label for={field}>
        {label}
        <span class={`note-standing note-${standing ?? "none"}`} aria-live="polite">
          {standing && standing !== "unsaved" && t(`note.${standing}`)}
        </span>
      </label>
      <textarea
        id={field}
        rows={Math.min(8, Math.max(2, text.split("\n").length))}
        maxLength={MAX_CHARACTERS}
        placeholder={t("note.placeholder")}
        value={text}
        onInput={(event) => desk.notebook.write(offer, event.currentTarget.value)}
      />
    </div>
  );
}
