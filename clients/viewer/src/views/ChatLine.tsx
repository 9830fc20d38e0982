import type { ChatLine as Line } from "@liveshop/client";
import { memo } from "preact/compat";
import { Badges } from "./Badges.tsx";

interface Props {
  readonly line: Line;
}

export const ChatLine = memo(({ line: { from, text } }: Props) => (
  <li class="chat-line">
    <Badges of={from} />
    <b>{from.name}</b>
    <span>{text}</span>
  </li>
));
