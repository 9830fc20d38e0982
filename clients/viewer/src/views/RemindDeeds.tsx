import type { Reminder, ShowView } from "@liveshop/client";
import { Button, Icon } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { t } from "../words/index.ts";
import "./RemindDeeds.css";

interface Props {
  readonly show: ShowView;
  /** Why the viewer is told when the show begins, if they are. */
  readonly reminder: Reminder["why"] | undefined;
  readonly onRemind: (wanted: boolean) => Promise<void>;
}

/** How not to miss a show: a reminder on this site, and an entry in one's own calendar. */
export function RemindDeeds({ show, reminder, onRemind }: Props) {
  const busy = useSignal(false);

  async function press(): Promise<void> {
    busy.value = true;
    await onRemind(reminder === undefined);
    busy.value = false;
  }

  const set = reminder !== undefined;
  const word = t(set ? "reminder_set" : "remind_me");
  return (
    <div class="remind-deeds">
      {reminder === "follows" ? (
        <p class="remind-follows">
          <Icon name="check" />
          {t("reminded_as_follower")}
        </p>
      ) : (
        <Button
          icon={set ? "check" : "bell"}
          aria-label={`${word}: ${show.title}`}
          aria-busy={busy.value}
          onClick={() => busy.value || void press()}
        >
          {word}
        </Button>
      )}
      {show.starts_at !== undefined && (
        <a
          class="button button-normal button-plain remind-calendar"
          href={`/api/shows/${encodeURIComponent(show.id)}/calendar.ics`}
          download=""
          aria-label={`${t("calendar")}: ${show.title}`}
          title={t("calendar")}
        >
          <Icon name="calendar" />
        </a>
      )}
    </div>
  );
}
