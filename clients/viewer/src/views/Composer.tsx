import { Countdown, IconButton } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { LONGEST_LINE } from "../talk.ts";
import { wide } from "../wide.ts";
import { t } from "../words/index.ts";
import { Answering } from "./Answering.tsx";
import "./Composer.css";
import { Emojis } from "./Emojis.tsx";
import { LikeButton } from "./LikeButton.tsx";

interface Props {
  readonly onBag: () => void;
}

export function Composer({ onBag }: Props) {
  const { state, say, rewrite, hush, talk } = useLive();
  const { text, wanted } = talk;
  const field = useRef<HTMLInputElement>(null);
  const emojis = useSignal(false);
  const count = state.value.offers.length;
  // What has to wait stays in the field until it may be said.
  const until = hush.value?.until;

  useEffect(() => {
    if (wanted.value === 0) return;
    // A sheet that closes gives the focus back first.
    const soon = requestAnimationFrame(() => field.current?.focus());
    return () => cancelAnimationFrame(soon);
  }, [wanted.value]);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (until !== undefined) return;
    const draft = talk.take();
    if (draft === null) return;
    emojis.value = false;
    if (!(await say(draft.text, draft))) talk.putBack(draft);
  }

  function insert(emoji: string): void {
    const input = field.current;
    if (!input || input.value.length + emoji.length > LONGEST_LINE) return;
    const { selectionStart, selectionEnd, value } = input;
    input.setRangeText(emoji, selectionStart ?? value.length, selectionEnd ?? value.length, "end");
    text.value = input.value;
    rewrite();
  }

  return (
    <>
      <Answering />
      {emojis.value && <Emojis onPick={insert} />}
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
            ref={field}
            aria-label={t("say_something")}
            placeholder={t("say_something")}
            maxLength={LONGEST_LINE}
            enterkeyhint="send"
            autocomplete="off"
            dir="auto"
            value={text.value}
            onInput={({ currentTarget }) => {
              text.value = currentTarget.value;
              rewrite();
            }}
          />
          <IconButton
            icon="smile"
            label={t("emoji")}
            aria-expanded={emojis.value}
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => (emojis.value = !emojis.value)}
          />
          {until !== undefined ? (
            <span class="composer-clock">
              {hush.value?.code === "slow_mode" && (
                <span class="hidden-visually" role="status">
                  {t("hush_slow_mode")}
                </span>
              )}
              <Countdown key={until} to={until} />
            </span>
          ) : (
            text.value.trim() !== "" && <IconButton type="submit" icon="send" label={t("send")} />
          )}
        </div>
        <LikeButton />
      </form>
    </>
  );
}
