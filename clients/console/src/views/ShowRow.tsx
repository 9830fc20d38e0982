import type { ShowView } from "@liveshop/client";
import { Avatar, dayAndTime, Icon, LiveBadge } from "@liveshop/ui";
import { standing } from "../console.ts";
import { address } from "../route.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly show: ShowView;
  readonly onChange: () => void;
}

export function ShowRow({ show, onChange }: Props) {
  const held = standing.held(show.host);
  return (
    <li class="show-item">
      <a class="show-row" href={address({ at: "desk", show: show.id })}>
        <Avatar name={show.host_name} />
        <div class="show-row-text">
          <strong>{show.title}</strong>
          <p>
            {show.host_name} · {moment(show)}
          </p>
        </div>
        {show.state === "live" ? (
          <LiveBadge />
        ) : (
          <span class={`chip chip-${show.state}`}>{t(`show.${show.state}`)}</span>
        )}
        <Icon name="chevron" />
      </a>
      {held.includes("run_show") && show.state === "draft" && (
        <button
          type="button"
          class="show-summary"
          aria-label={t("shows.change_of", { title: show.title })}
          onClick={onChange}
        >
          <Icon name="calendar" />
          {t("shows.change")}
        </button>
      )}
      {held.includes("numbers") && show.state === "ended" && (
        <a
          class="show-summary"
          href={address({ at: "summary", show: show.id })}
          aria-label={t("summary.link_of", { title: show.title })}
        >
          <Icon name="chart" />
          {t("summary.link")}
        </a>
      )}
    </li>
  );
}

function moment({ state, starts_at, started_at, ended_at }: ShowView): string {
  if (state === "live" && started_at) return t("shows.started", { when: dayAndTime(started_at) });
  if (state === "ended" && ended_at) return t("shows.ended", { when: dayAndTime(ended_at) });
  return starts_at ? t("shows.starts", { when: dayAndTime(starts_at) }) : t("shows.no_date");
}
