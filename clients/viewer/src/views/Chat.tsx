import { isFor } from "@liveshop/client";
import { useSignalEffect } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { restsFor, stands } from "../chatwindow.ts";
import { useLive } from "../live.ts";
import { useOnFrame } from "../onframe.ts";
import { wide } from "../wide.ts";
import { t } from "../words/index.ts";
import { Arrivals } from "./Arrivals.tsx";
import "./Chat.css";
import { ChatList } from "./ChatList.tsx";
import { PinnedComment } from "./PinnedComment.tsx";

export function Chat() {
  const { chat, state, talk } = useLive();
  const { notice } = state.value;

  // What a moderator took away is in nobody's hand any more.
  useSignalEffect(() => {
    for (const held of [talk.picked, talk.answering]) {
      if (held.value && !stands(chat.value, held.value)) held.value = null;
    }
  });

  return (
    <section class={wide.value ? "chat chat-column" : "chat"} aria-label={t("chat")}>
      {wide.value && <h2>{t("chat")}</h2>}
      <ReadOut />
      {notice && (
        <p class="chat-notice" role="status">
          {notice.text}
        </p>
      )}
      <PinnedComment />
      <ChatList />
      <Arrivals />
      {talk.picked.value && <LineMenu />}
    </section>
  );
}

/**
 * What a screen reader reads out: the host, and what is for whoever listens. All of a busy room it
 * would never finish.
 */
function ReadOut() {
  const { chat: said, state } = useLive();
  const chat = useOnFrame(said, restsFor);
  const { you } = state.value;
  const line = chat.findLast((each) => each.from.badges?.includes("host") || isFor(each, you));
  return (
    <p class="hidden-visually" aria-live="polite">
      {line && `${line.from.name}: ${line.text}`}
    </p>
  );
}

/** Fetched when the first line is picked. */
function LineMenu() {
  const [Menu, setMenu] = useState<ComponentType>();
  useEffect(() => {
    void import("./LineSheet.tsx").then(({ LineSheet }) => setMenu(() => LineSheet));
  }, []);
  return Menu && <Menu />;
}
