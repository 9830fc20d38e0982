import type { ChatLine as Line } from "@liveshop/client";
import { Button, Sheet, toast } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { ChatLine } from "./ChatLine.tsx";
import { SureButton } from "./SureButton.tsx";
import "../style/moderation.css";

interface Props {
  readonly desk: Desk;
  readonly line: Line;
  readonly onClose: () => void;
  readonly onReply: () => void;
}

/** What a moderator can do about one line, and about who said it. */
export function LineSheet({ desk, line, onClose, onReply }: Props) {
  const { moderation, doing, room } = desk;
  const { from } = line;
  const { name } = from;
  const pinned = room.value.comment?.id === line.id;
  const busy = doing.value;
  const moderable = !from.badges?.some((badge) => ["host", "moderator", "shop"].includes(badge));

  const done = async (deed: Promise<boolean>, text: string) => {
    if (!(await deed)) return;
    onClose();
    toast(text, "good");
  };

  return (
    <Sheet title={t("line.title")} onClose={onClose}>
      <div class="line-sheet">
        <ul class="line-quoted">
          <ChatLine line={line} />
        </ul>
        <Button wide icon="reply" onClick={onReply}>
          {t("line.reply")}
        </Button>
        <Button
          wide
          icon="pin"
          busy={busy.has("pin-comment") || busy.has("unpin-comment")}
          onClick={() =>
            pinned
              ? done(moderation.unpin(), t("line.unpinned"))
              : done(moderation.pin(line), t("line.pinned"))
          }
        >
          {t(pinned ? "line.unpin" : "line.pin")}
        </Button>
        <Button
          wide
          icon="trash"
          busy={busy.has("remove-line")}
          onClick={() => done(moderation.remove(line), t("line.removed"))}
        >
          {t("line.remove")}
        </Button>
        {moderable && (
          <>
            <Button
              wide
              icon="clock"
              busy={busy.has("mute")}
              onClick={() => done(moderation.mute(from), t("line.muted", { name }))}
            >
              {t("line.mute", { name })}
            </Button>
            <SureButton
              icon="ban"
              text={t("line.ban", { name })}
              question={t("line.ban_sure")}
              busy={busy.has("ban")}
              onSure={() => done(moderation.ban(from), t("line.banned", { name }))}
            />
            {desk.may("team") && (
              <Button
                wide
                icon="shield"
                look="plain"
                busy={busy.has("appoint")}
                onClick={() => done(moderation.appoint(from), t("line.appointed", { name }))}
              >
                {t("line.appoint", { name })}
              </Button>
            )}
          </>
        )}
      </div>
    </Sheet>
  );
}
