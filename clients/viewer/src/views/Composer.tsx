import { IconButton } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { useLive } from "../live.ts";
import { wide } from "../wide.ts";
import { t } from "../words/index.ts";
import "./Composer.css";
import { LikeButton } from "./LikeButton.tsx";

/** What the room takes in one line. */
const LONGEST_LINE = 300;

interface Props {
  readonly onBag: () => void;
}

export function Composer({ onBag }: Props) {
  const { state, say, rewrite, hush } = useLive();
  const text = useSignal("");
  const count = state.value.offers.length;

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    const line = text.value.trim();
    // What has to wait stays in the field until it may be said.
    if (line === "" || hush.value?.until !== undefined) return;
    text.value = "";
    // What was refused comes back, unless something else was begun meanwhile.
    if (!(await say(line))) text.value ||= line;
  }

  return (
    <form class={wide.value ? "composer composer-column" : "composer"} onSubmit={submit}>
      {!wide.value && (
        <IconButton
          class="composer-bag"
          icon="bag"
          label={t("bag_items", { count })}
          onClick={onBag}
        >
          {count > 0 && <span class="composer-count tabular">{count}</span>}
        </IconButton>
      )}
      <div class="composer-line">
        <input
          aria-label={t("say_something")}
          placeholder={t("say_something")}
          maxLength={LONGEST_LINE}
          enterkeyhint="send"
          autocomplete="off"
          value={text.value}
          onInput={({ currentTarget }) => {
            text.value = currentTarget.value;
            rewrite();
          }}
        />
        {text.value.trim() !== "" && (
          <IconButton
            type="submit"
            icon="send"
            label={t("send")}
            disabled={hush.value?.until !== undefined}
          />
        )}
      </div>
      <LikeButton />
    </form>
  );
}
