import { useLayoutEffect, useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { wide } from "../wide.ts";
import { t } from "../words/index.ts";
import "./Chat.css";
import { ChatLine } from "./ChatLine.tsx";
import { PinnedComment } from "./PinnedComment.tsx";

/** Over the picture only the latest are read. */
const SHOWN_ON_STAGE = 40;

/** Closer to the end than this, the reader follows along. */
const NEAR_END_PX = 48;

export function Chat() {
  const { chat, notice, you } = useLive().state.value;
  const scroll = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  const lines = wide.value ? chat : chat.slice(-SHOWN_ON_STAGE);
  const hosts = chat.findLast(({ from }) => from.badges?.includes("host"));

  useLayoutEffect(() => {
    const list = scroll.current;
    if (list && follows.current) list.scrollTop = list.scrollHeight;
  }, [lines]);

  return (
    <section class={wide.value ? "chat chat-column" : "chat"} aria-label={t("chat")}>
      {wide.value && <h2>{t("chat")}</h2>}
      {/* A busy room would never let a screen reader finish: of the chat, it reads out the host. */}
      <p class="hidden-visually" aria-live="polite">
        {hosts?.text}
      </p>
      {notice && (
        <p class="chat-notice" role="status">
          {notice.text}
        </p>
      )}
      <PinnedComment />
      <ol
        ref={scroll}
        tabIndex={0}
        onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
          follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
        }}
      >
        {lines.map((line) => (
          <ChatLine key={line.id} line={line} />
        ))}
        {you && lines.length === 0 && <li class="chat-quiet">{t("chat_quiet")}</li>}
      </ol>
    </section>
  );
}
