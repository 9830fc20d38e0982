import type { ChatLine as Line } from "@liveshop/client";
import { IconButton } from "@liveshop/ui";
import { t } from "../texts/index.ts";

const BADGES = ["host", "shop", "moderator", "buyer"] as const;

interface Props {
  readonly line: Line;
  /** What can be done about it; without, it can only be read. */
  readonly onPick?: () => void;
}

export function ChatLine({ line: { from, text }, onPick }: Props) {
  return (
    <li class="chat-line">
      <b>{from.name}</b>
      {BADGES.filter((badge) => from.badges?.includes(badge)).map((badge) => (
        <span key={badge} class={`badge badge-${badge}`}>
          {t(`badge.${badge}`)}
        </span>
      ))}
      <span class="chat-text">{text}</span>
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
