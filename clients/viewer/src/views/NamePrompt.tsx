import { Button, Field, Sheet } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { t } from "../words/index.ts";
import "./NameSheet.css";

interface Props {
  readonly onName: (name: string) => Promise<void>;
  readonly onClose: () => void;
}

/** Asks for a name, and suggests one. */
export function NamePrompt({ onName, onClose }: Props) {
  const suggestion = useSignal(
    t("name_suggestion", { number: String(1000 + Math.floor(Math.random() * 9000)) }),
  );
  const busy = useSignal(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const name = suggestion.value.trim();
    if (name === "") return;
    busy.value = true;
    await onName(name);
    busy.value = false;
  }

  return (
    <Sheet title={t("name_title")} onClose={onClose}>
      <form class="name-sheet" onSubmit={submit}>
        <p>{t("name_hint")}</p>
        <Field
          label={t("name_label")}
          type="text"
          value={suggestion.value}
          maxLength={40}
          required
          autocomplete="nickname"
          onFocus={({ currentTarget }) => currentTarget.select()}
          onInput={({ currentTarget }) => (suggestion.value = currentTarget.value)}
        />
        <Button type="submit" look="strong" wide busy={busy.value}>
          {t("name_go")}
        </Button>
      </form>
    </Sheet>
  );
}
