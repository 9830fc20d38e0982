import type { ChatLine as Line } from "@liveshop/client";
import { Button, Icon, IconButton } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { ChatLine } from "./ChatLine.tsx";
import { LineSheet } from "./LineSheet.tsx";
import { ModerationSheet } from "./ModerationSheet.tsx";
import "../style/chat.css";

/** Nearer to the end than a line is at the end. */
const AT_END_PX = 32;

/** The server's own bound. */
const MAX_CHARACTERS = 300;

interface Props {
  readonly desk: Desk;
}

export function Chat({ desk }: Props) {
  const { chat, comment } = desk.room.value;
  const moderates = desk.moderates.value;
  const list = useRef<HTMLUListElement>(null);
  // Whoever scrolled up reads on undisturbed.
  const [following, setFollowing] = useState(true);
  const [text, setText] = useState("");
  const [picked, setPicked] = useState<Line>();
  const [settings, setSettings] = useState(false);
  const [asShop, setAsShop] = useState(false);

  function toEnd() {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }
  useLayoutEffect(() => {
    if (following) toEnd();
  }, [chat, following]);

  async function send(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const line = text.trim();
    if (line === "") return;
    setText("");
    setFollowing(true);
    // What was refused comes back, unless something else was begun meanwhile.
    const said = asShop ? desk.moderation.sayAsShop(line) : desk.say(line);
    if (!(await said)) setText((now) => now || line);
  }

  return (
    <section class="panel desk-chat" aria-labelledby="chat-title">
      <header class="panel-head">
        <h2 id="chat-title">{t("chat.title")}</h2>
        {!following && (
          <Button size="small" look="strong" onClick={() => setFollowing(true)}>
            {t("chat.newest")}
          </Button>
        )}
        {moderates && (
          <IconButton
            class="chat-settings"
            icon="shield"
            label={t("moderation.title")}
            onClick={() => setSettings(true)}
          />
        )}
      </header>
      {comment && (
        <p class="chat-pinned">
          <Icon name="pin" />
          <span>
            <b>{comment.from.name}</b> {comment.text}
          </span>
        </p>
      )}
      <ul
        ref={list}
        class="panel-scroll chat"
        tabIndex={0}
        aria-labelledby="chat-title"
        onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) =>
          setFollowing(scrollHeight - scrollTop - clientHeight < AT_END_PX)
        }
      >
        {chat.length === 0 && <li class="empty">{t("chat.none")}</li>}
        {chat.map((line) => (
          <ChatLine
            key={line.id}
            line={line}
            {...(moderates && { onPick: () => setPicked(line) })}
          />
        ))}
      </ul>
      <form class="composer" onSubmit={send}>
        {moderates && (
          <IconButton
            class="chat-as-shop"
            icon="bag"
            label={t("chat.as_shop")}
            aria-pressed={asShop}
            onClick={() => setAsShop(!asShop)}
          />
        )}
        <input
          value={text}
          maxLength={MAX_CHARACTERS}
          placeholder={t(asShop ? "chat.placeholder_shop" : "chat.placeholder")}
          aria-label={t(asShop ? "chat.placeholder_shop" : "chat.placeholder")}
          enterkeyhint="send"
          autocomplete="off"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <IconButton
          type="submit"
          icon="send"
          label={t("chat.send")}
          disabled={text.trim() === ""}
        />
      </form>
      {picked && <LineSheet desk={desk} line={picked} onClose={() => setPicked(undefined)} />}
      {settings && <ModerationSheet desk={desk} onClose={() => setSettings(false)} />}
    </section>
  );
}
