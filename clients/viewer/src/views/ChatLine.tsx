import type { ChatLine as Line } from "@liveshop/client";
import { memo } from "preact/compat";
import { t, type Word } from "../words/index.ts";

interface Props {
  readonly line: Line;
}

const BADGES: Readonly<Record<string, Word>> = {
  host: "host",
  moderator: "moderator",
  buyer: "buyer",
};

export const ChatLine = memo(({ line: { from, text } }: Props) => (
  <li class="chat-line">
    {from.badges?.map((badge) => {
      const word = BADGES[badge];
      return word && <span class={`chat-badge chat-badge-${badge}`}>{t(word)}</span>;
    })}
    <b>{from.name}</b>
    <span>{text}</span>
  </li>
));
