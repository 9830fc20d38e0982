import type { ShowCard as Card } from "@liveshop/client";
import { Avatar, away, dayAndTime, relative } from "@liveshop/ui";
import { showPath } from "../route.ts";
import { t } from "../words/index.ts";
import "./ComingCard.css";
import { RemindDeeds } from "./RemindDeeds.tsx";
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
      <RemindDeeds show={show} reminder={reminder} onRemind={onRemind} />
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
