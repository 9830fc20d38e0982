import type { ShowCard as Card } from "@liveshop/client";
import { Avatar, compact, dayAndTime, duration, Icon, LiveBadge } from "@liveshop/ui";
import { showPath } from "../route.ts";
import { t } from "../words/index.ts";
import "./ShowCard.css";
import { ShowWindow } from "./ShowWindow.tsx";

interface Props {
  readonly card: Card;
}

/** A show that is live, or to see again: the whole card leads into it. */
export function ShowCard({ card }: Props) {
  const { show, pictures, viewers, replay_ms } = card;
  const live = show.state === "live";
  const mute = !live && replay_ms === undefined;
  return (
    <a
      class={`show-card show-card-${show.state}${mute ? " show-card-mute" : ""}`}
      href={showPath(show.id)}
    >
      <ShowWindow pictures={pictures} />
      <div class="show-words on-stage">
        <div class="show-tags">
          {live && <LiveBadge />}
          {viewers !== undefined && viewers > 0 && (
            <span class="show-tag">
              <Icon name="eye" />
              {t("viewers", { count: compact(viewers) })}
            </span>
          )}
          {replay_ms !== undefined && (
            <span class="show-tag">
              <Icon name="play" solid />
              <span class="hidden-visually">{t("replay")} </span>
              {duration(replay_ms / 1000)}
            </span>
          )}
        </div>
        <h3>{show.title}</h3>
        <p>
          <Avatar name={show.host_name} />
          <span>{show.host_name}</span>
        </p>
        {!live && show.ended_at !== undefined && (
          <p>
            <time dateTime={new Date(show.ended_at).toISOString()}>
              {mute ? t("no_recording", { when: dayAndTime(show.ended_at) }) : dayAndTime(show.ended_at)}
            </time>
          </p>
        )}
      </div>
    </a>
  );
}
