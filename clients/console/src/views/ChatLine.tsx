import type { ChatLine as Line } from "@liveshop/client";
import { t } from "../texts/index.ts";

const BADGES = ["host", "moderator", "buyer"] as const;

interface Props {
  readonly line: Line;
}

export function ChatLine({ line: { from, text } }: Props) {
  return (
    <li class="chat-line">
      <b>{from.name}</b>
      {BADGES.filter((badge) => from.badges?.includes(badge)).map((badge) => (
        <span key={badge} class={`badge badge-${badge}`}>
          {t(`badge.${badge}`)}
        </span>
      ))}
      <span class="chat-text">{text}</span>
    </li>
  );
}
