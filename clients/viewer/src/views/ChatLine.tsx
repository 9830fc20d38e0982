import { type ChatLine as Line, isFor, type You } from "@liveshop/client";
import { memo } from "preact/compat";
import { t } from "../words/index.ts";
import { Badges } from "./Badges.tsx";
import { ChatText } from "./ChatText.tsx";

interface Props {
  readonly line: Line;
  readonly you: You | null;
  /** Whether something can be done about it. */
  readonly picks: boolean;
}

/** A line; who listens for its clicks is the list, so that a hundred of them cost no more. */
export const ChatLine = memo(({ line, you, picks }: Props) => {
  const { id, from, quote, reply_to } = line;
  return (
    <li class={isFor(line, you) ? "chat-line chat-line-mine" : "chat-line"} data-line={id}>
      {reply_to !== undefined && (
        <span class="chat-quote">
          {quote ? (
            <>
              <bdi class="chat-quoted">{quote.from.name}</bdi> <bdi>{quote.text}</bdi>
            </>
          ) : (
            t("line_gone")
          )}
        </span>
      )}
      <Badges of={from} />
      <b>
        <bdi>{from.name}</bdi>
      </b>
      <ChatText line={line} />
      {picks && (
        <button
          type="button"
          class="chat-pick"
          tabIndex={-1}
          aria-haspopup="dialog"
          aria-label={t("line_what", { name: from.name })}
        />
      )}
    </li>
  );
});
