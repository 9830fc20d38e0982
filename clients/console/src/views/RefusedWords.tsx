import { Button } from "@liveshop/ui";
import { useId, useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly desk: Desk;
  readonly words: readonly string[];
}

/** One word or phrase a line. */
export function RefusedWords({ desk, words }: Props) {
  const id = useId();
  const kept = words.join("\n");
  const [text, setText] = useState(kept);
  const wanted = text.split("\n").map((word) => word.trim()).filter(Boolean);
  return (
    <div class="refused-words">
      <label for={id}>{t("moderation.words")}</label>
      <textarea
        id={id}
        rows={3}
        spellcheck={false}
        placeholder={t("moderation.words_hint")}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
      {wanted.join("\n") !== kept && (
        <Button
          size="small"
          look="strong"
          busy={desk.doing.value.has("settings words")}
          onClick={() => desk.moderation.change({ words: wanted })}
        >
          {t("moderation.save")}
        </Button>
      )}
    </div>
  );
}
