import type { ShowCard as Card } from "@liveshop/client";
import { Avatar, Button, dayAndTime, Icon, relative } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { away } from "../directory.ts";
import { showPath } from "../route.ts";
import { t } from "../words/index.ts";
import "./ComingCard.css";
import { ShowWindow } from "./ShowWindow.tsx";

interface Props {
  readonly card: Card;
  /** On the server's clock. */
  readonly now: number;
  readonly onRemind: (wanted: boolean) => Promise<void>;
}

/** A show to come: when, and how not to miss it. */
export function ComingCard({ card, now, onRemind }: Props) {
  const { show, pictures, reminder } = card;
  const busy = useSignal(false);

  async function press(): Promise<void> {
    busy.value = true;
    await onRemind(reminder === undefined);
    busy.value = false;
  }

  const set = reminder !== undefined;
  const word = t(set ? "reminder_set" : "remind_me");
  return (
    <article class="coming-card">
      <ShowWindow pictures={pictures.slice(0, 1)} />
      <div class="coming-words">
        {show.starts_at === undefined ? (
          <p class="coming-when">{t("no_time")}</p>
        ) : (
          <When at={show.starts_at} now={now} />
        )}
        <h3>
          <a href={showPath(show.id)}>{show.title}</a>
        </h3>
        <p class="coming-host">
          <Avatar name={show.host_name} />
          {show.host_name}
        </p>
      </div>
      <div class="coming-deeds">
        {reminder === "follows" ? (
          <p class="coming-follows">
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
            class="button button-normal button-plain coming-calendar"
            href={`/api/shows/${encodeURIComponent(show.id)}/calendar.ics`}
            download=""
            aria-label={`${t("calendar")}: ${show.title}`}
            title={t("calendar")}
          >
            <Icon name="calendar" />
          </a>
        )}
      </div>
    </article>
  );
}

function When({ at, now }: { readonly at: number; readonly now: number }) {
  const left = away(at, now);
  return (
    <p class="coming-when">
      <span>{left === null ? t("starts_soon") : relative(left.value, left.unit)}</span>{" "}
      <time dateTime={new Date(at).toISOString()}>{dayAndTime(at)}</time>
    </p>
  );
}
