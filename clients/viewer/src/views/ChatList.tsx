import { type ChatLine as Line, isFor } from "@liveshop/client";
import { Icon } from "@liveshop/ui";
import type { TargetedEvent, TargetedKeyboardEvent } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { restsFor, windowOf } from "../chatwindow.ts";
import { useLive } from "../live.ts";
import { useOnFrame } from "../onframe.ts";
import { wide } from "../wide.ts";
import { t } from "../words/index.ts";
import { ChatLine } from "./ChatLine.tsx";
import "./ChatList.css";

/** Lines on the page for whoever follows: all that is in sight, and a little to begin to scroll. */
const ON_STAGE = 20;
const IN_COLUMN = 50;

/** Closer to the end than this, the reader follows along. */
const NEAR_END_PX = 48;

/** The lines, the newest below; the box grows upwards, so it stays at its end by itself. */
export function ChatList() {
  const { chat: said, state, talk, replay } = useLive();
  const chat = useOnFrame(said, restsFor);
  const { you } = state.value;
  const following = talk.following.value;
  const box = useRef<HTMLDivElement>(null);
  const shown = useRef<readonly Line[]>([]);
  const [, step] = useState(0);
  /** The line to bring into sight, once it is on the page. */
  const sought = useRef<string | null>(null);

  const { lines, behind } = windowOf(chat, shown.current, following, wide.value ? IN_COLUMN : ON_STAGE);
  shown.current = lines;
  const unread = following ? [] : chat.slice(chat.length - behind);
  const calling = unread.find((line) => isFor(line, you));
  const picks = replay === null;

  useEffect(() => {
    if (!following || behind === 0) return;
    const next = requestAnimationFrame(() => step((steps) => steps + 1));
    return () => cancelAnimationFrame(next);
  });
  useLayoutEffect(() => {
    if (following) box.current?.scrollTo({ top: 0 });
  }, [following]);
  useLayoutEffect(() => {
    if (sought.current === null) return;
    lineAt(box.current, sought.current)?.scrollIntoView({ block: "center" });
    sought.current = null;
  });

  /** Everything up to the newest is on the page, and `line` in sight. */
  function seek(line: Line): void {
    shown.current = chat;
    sought.current = line.id;
    step((steps) => steps + 1);
  }

  function pick({ target }: Event): void {
    if (!picks || getSelection()?.isCollapsed === false) return;
    const id = (target as Element).closest<HTMLElement>("[data-line]")?.dataset["line"];
    talk.picked.value = lines.find((line) => line.id === id) ?? null;
  }

  return (
    <div class="chat-lines">
      <div
        ref={box}
        class="chat-scroll"
        tabIndex={0}
        role="group"
        aria-label={t("chat_lines")}
        {...(picks && { "aria-description": t("chat_keys") })}
        onScroll={({ currentTarget }: TargetedEvent<HTMLDivElement>) => {
          talk.following.value = currentTarget.scrollTop > -NEAR_END_PX;
        }}
        onKeyDown={walk}
        onClick={pick}
      >
        <ol>
          {lines.map((line) => (
            <ChatLine key={line.id} line={line} you={you} picks={picks} />
          ))}
          {you && lines.length === 0 && <li class="chat-quiet">{t("chat_quiet")}</li>}
        </ol>
      </div>
      {unread.length > 0 && (
        <div class="chat-jumps">
          {calling && (
            <button type="button" class="chat-jump chat-jump-mine" onClick={() => seek(calling)}>
              <Icon name="at" />
              {t("called_you", { name: calling.from.name })}
            </button>
          )}
          <button type="button" class="chat-jump" onClick={() => (talk.following.value = true)}>
            {t("new_lines", { count: unread.length })}
          </button>
        </div>
      )}
    </div>
  );
}

function lineAt(box: HTMLElement | null, id: string): HTMLElement | null {
  return box?.querySelector<HTMLElement>(`[data-line="${CSS.escape(id)}"]`) ?? null;
}

/** Enter steps into the list, the arrows go from line to line, Escape leaves it. */
function walk(event: TargetedKeyboardEvent<HTMLDivElement>): void {
  const { currentTarget: box, key } = event;
  const buttons = [...box.querySelectorAll<HTMLElement>(".chat-pick")];
  const at = buttons.indexOf(document.activeElement as HTMLElement);
  const next: Readonly<Record<string, HTMLElement | undefined>> =
    at < 0
      ? { Enter: buttons.at(-1) }
      : { ArrowUp: buttons[at - 1], ArrowDown: buttons[at + 1], Escape: box };
  if (next[key] === undefined) return;
  event.preventDefault();
  next[key].focus();
}
