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
  const { chat, comment, you, show } = desk.room.value;
  const moderates = desk.may("moderate");
  const list = useRef<HTMLUListElement>(null);
  const field = useRef<HTMLInputElement>(null);
  // Whoever scrolled up reads on undisturbed.
  const [following, setFollowing] = useState(true);
  const [text, setText] = useState("");
  const [picked, setPicked] = useState<Line>();
  const [answering, setAnswering] = useState<Line>();
  const [settings, setSettings] = useState(false);
  const [asShop, setAsShop] = useState(false);
  const host = you !== null && you.id === show?.host;
  const speaking = asShop ? "chat.placeholder_shop" : host ? "chat.placeholder" : "chat.say";

  function toEnd() {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }
  // What was taken away is answered by nobody any more.
  const gone = (line: Line) => chat.some(({ at }) => at <= line.at) && !chat.some(({ id }) => id === line.id);
  if (answering && gone(answering)) setAnswering(undefined);

  useLayoutEffect(() => {
    if (following) toEnd();
  }, [chat, following]);

  async function send(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const line = text.trim();
    if (line === "") return;
    setText("");
    setAnswering(undefined);
    setFollowing(true);
    // The button has nothing to send any more.
    field.current?.focus();
    // What was refused comes back, unless something else was begun meanwhile.
    const reply_to = answering?.id;
    const said = asShop ? desk.moderation.sayAsShop(line, reply_to) : desk.say(line, { reply_to });
    if (await said) return;
    setText((now) => now || line);
    setAnswering((now) => now ?? answering);
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
            you={you}
            {...(moderates && { onPick: () => setPicked(line) })}
          />
        ))}
      </ul>
      {answering && (
        <div class="chat-answering">
          <Icon name="reply" />
          <p>
            <b>
              <bdi>{answering.from.name}</bdi>
            </b>{" "}
            <bdi>{answering.text}</bdi>
          </p>
          <IconButton
            icon="close"
            label={t("chat.no_reply")}
            onClick={() => setAnswering(undefined)}
          />
        </div>
      )}
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
          ref={field}
          value={text}
          maxLength={MAX_CHARACTERS}
          placeholder={t(speaking)}
          aria-label={t(speaking)}
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
      {picked && moderates && (
        <LineSheet
          desk={desk}
          line={picked}
          onClose={() => setPicked(undefined)}
          onReply={() => {
            setAnswering(picked);
            setPicked(undefined);
            // The sheet that closes gives the focus back first.
            requestAnimationFrame(() => field.current?.focus());
          }}
        />
      )}
      {settings && moderates && <ModerationSheet desk={desk} onClose={() => setSettings(false)} />}
    </section>
  );
}
