import { isFor } from "@liveshop/client";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { stands } from "../chatwindow.ts";
import { useLive } from "../live.ts";
import { useOnFrame } from "../onframe.ts";
import { wide } from "../wide.ts";
import { t } from "../words/index.ts";
import { Arrivals } from "./Arrivals.tsx";
import "./Chat.css";
import { ChatList } from "./ChatList.tsx";
import { PinnedComment } from "./PinnedComment.tsx";

export function Chat() {
  const { state, talk } = useLive();
  const { chat, notice, you } = useOnFrame(state);
  const heard = chat.findLast((line) => line.from.badges?.includes("host") || isFor(line, you));
  const picked = talk.picked.value;

  // What a moderator took away is in nobody's hand any more.
  useEffect(() => {
    for (const held of [talk.picked, talk.answering]) {
      if (held.value && !stands(chat, held.value)) held.value = null;
    }
  }, [chat]);

  return (
    <section class={wide.value ? "chat chat-column" : "chat"} aria-label={t("chat")}>
      {wide.value && <h2>{t("chat")}</h2>}
      {/* A busy room would never let a screen reader finish: it reads out the host, and what is for
          whoever listens. */}
      <p class="hidden-visually" aria-live="polite">
        {heard && `${heard.from.name}: ${heard.text}`}
      </p>
      {notice && (
        <p class="chat-notice" role="status">
          {notice.text}
        </p>
      )}
      <PinnedComment />
      <ChatList />
      <Arrivals />
      {picked && <LineMenu />}
    </section>
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
