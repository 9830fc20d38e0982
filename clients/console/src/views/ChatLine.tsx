import { type ChatLine as Line, isFor, pieces, type You } from "@liveshop/client";
import { IconButton } from "@liveshop/ui";
import { t } from "../texts/index.ts";

const BADGES = ["host", "shop", "moderator", "buyer"] as const;

interface Props {
  readonly line: Line;
  /** Who reads it: what is for them stands out. */
  readonly you?: You | null;
  /** What can be done about it; without, it can only be read. */
  readonly onPick?: () => void;
}

export function ChatLine({ line, you = null, onPick }: Props) {
  const { from, quote } = line;
  return (
    <li class={isFor(line, you) ? "chat-line chat-line-mine" : "chat-line"}>
      {quote && (
        <span class="chat-quote">
          <bdi>{quote.from.name}</bdi> <bdi>{quote.text}</bdi>
        </span>
      )}
      <b>
        <bdi>{from.name}</bdi>
      </b>
      {BADGES.filter((badge) => from.badges?.includes(badge)).map((badge) => (
        <span key={badge} class={`badge badge-${badge}`}>
          {t(`badge.${badge}`)}
        </span>
      ))}
      <bdi class="chat-text">
        {pieces(line).map(({ text, calls }) =>
          calls === undefined ? text : <span class="chat-called">{text}</span>,
        )}
      </bdi>
      {onPick && (
        <IconButton
          class="chat-pick"
          icon="more"
          label={t("line.what", { name: from.name })}
          onClick={onPick}
        />
      )}
    </li>
  );
}
