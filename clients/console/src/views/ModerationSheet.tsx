import type { ChatSettings } from "@liveshop/client";
import { Button, Sheet } from "@liveshop/ui";
import { useEffect } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { Choice } from "./Choice.tsx";
import { ModerationLog } from "./ModerationLog.tsx";
import { People } from "./People.tsx";
import { RefusedWords } from "./RefusedWords.tsx";
import "../style/moderation.css";

const SLOW_S = [0, 5, 10, 30, 60];
const AUDIENCES = ["everyone", "followers", "buyers"] as const;
const LINKS = ["everyone", "moderators"] as const;

interface Props {
  readonly desk: Desk;
  readonly onClose: () => void;
}

/** Who may chat, how often and about what; for whom something else holds; who decided so. */
export function ModerationSheet({ desk, onClose }: Props) {
  const { moderation, room } = desk;
  const { comment } = room.value;
  useEffect(() => void moderation.look(), [moderation]);
  const holds = moderation.holds.value;
  return (
    <Sheet title={t("moderation.title")} onClose={onClose}>
      {holds === null ? (
        <p class="empty">{t("desk.connecting")}</p>
      ) : (
        <div class="moderation">
          <Settings desk={desk} settings={holds.settings} />
          {comment && (
            <section>
              <h3>{t("moderation.pinned")}</h3>
              <p class="moderation-row">
                <span>
                  <b>{comment.from.name}</b> {comment.text}
                </span>
                <Button size="small" onClick={() => moderation.unpin()}>
                  {t("line.unpin")}
                </Button>
              </p>
            </section>
          )}
          <People desk={desk} people={holds.people} />
          <ModerationLog desk={desk} />
        </div>
      )}
    </Sheet>
  );
}

function Settings({ desk, settings }: { readonly desk: Desk; readonly settings: ChatSettings }) {
  const { change } = desk.moderation;
  const steps = SLOW_S.includes(settings.slow_s) ? SLOW_S : [...SLOW_S, settings.slow_s];
  return (
    <>
      <Choice
        legend={t("moderation.slow")}
        values={steps}
        chosen={settings.slow_s}
        onChoose={(slow_s) => void change({ slow_s })}
      >
        {(s) => (s === 0 ? t("moderation.off") : t("run.in", { s }))}
      </Choice>
      <Choice
        legend={t("moderation.audience")}
        values={AUDIENCES}
        chosen={settings.audience}
        onChoose={(audience) => void change({ audience })}
      >
        {(audience) => t(`audience.${audience}`)}
      </Choice>
      <Choice
        legend={t("moderation.links")}
        values={LINKS}
        chosen={settings.links}
        onChoose={(links) => void change({ links })}
      >
        {(links) => t(`links.${links}`)}
      </Choice>
      <RefusedWords desk={desk} words={settings.words} />
    </>
  );
}
