import { Icon } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import { Badges } from "./Badges.tsx";
import "./PinnedComment.css";

/** The line that a moderator put above the chat. */
export function PinnedComment() {
  const { comment } = useLive().state.value;
  if (comment === null) return null;
  const { from, text } = comment;
  return (
    <p class="pinned-comment">
      <Icon name="pin" />
      <span>
        <span class="hidden-visually">{t("comment_pinned")}: </span>
        <Badges of={from} />
        <b>{from.name}</b> {text}
      </span>
    </p>
  );
}
