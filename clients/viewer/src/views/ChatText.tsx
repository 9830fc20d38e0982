import { type ChatLine, pieces } from "@liveshop/client";

interface Props {
  readonly line: Pick<ChatLine, "text" | "mentions">;
}

/** What was said, and never markup. Its direction is its own: it turns nothing beside it around. */
export function ChatText({ line }: Props) {
  return (
    <bdi class="chat-text">
      {line.mentions === undefined
        ? line.text
        : pieces(line).map(({ text, calls }) =>
            calls === undefined ? text : <span class="chat-called">{text}</span>,
          )}
    </bdi>
  );
}
