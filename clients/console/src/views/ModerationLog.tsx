import type { Details, ModerationEntry } from "@liveshop/client";
import { Button, dayAndTime } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly desk: Desk;
}

/** Who did what, to whom, when and why. */
export function ModerationLog({ desk }: Props) {
  const log = desk.moderation.log.value;
  if (log === null) return null;
  return (
    <section>
      <h3>{t("moderation.log")}</h3>
      {log.entries.length === 0 && <p class="moderation-none">{t("moderation.log_none")}</p>}
      <ol class="moderation-log">
        {log.entries.map((entry) => (
          <Entry key={entry.id} entry={entry} />
        ))}
      </ol>
      {log.next !== undefined && (
        <Button
          size="small"
          look="plain"
          wide
          busy={desk.doing.value.has("earlier entries")}
          onClick={() => desk.moderation.earlier()}
        >
          {t("moderation.earlier")}
        </Button>
      )}
    </section>
  );
}

function Entry({ entry }: { readonly entry: ModerationEntry }) {
  const { action, actor_name, subject_name, text, reason, at, details } = entry;
  const changes = details && changed(details).join(" · ");
  return (
    <li>
      <p>
        <b>{actor_name}</b> {t(`deed.${action}`)} {subject_name && <b>{subject_name}</b>}
        <time dateTime={new Date(at).toISOString()}>{dayAndTime(at)}</time>
      </p>
      {text && <q>{text}</q>}
      {changes && <p class="moderation-reason">{changes}</p>}
      {reason && <p class="moderation-reason">{reason}</p>}
    </li>
  );
}

/** The settings that a decision changed, as they were then. */
function changed({ slow_s, audience, links, words }: Details): readonly string[] {
  return [
    slow_s !== undefined &&
      `${t("moderation.slow")}: ${slow_s === 0 ? t("moderation.off") : t("run.in", { s: slow_s })}`,
    audience !== undefined && `${t("moderation.audience")}: ${t(`audience.${audience}`)}`,
    links !== undefined && `${t("moderation.links")}: ${t(`links.${links}`)}`,
    words !== undefined && t("moderation.words_are", { count: words.length }),
  ].filter((text) => text !== false);
}
