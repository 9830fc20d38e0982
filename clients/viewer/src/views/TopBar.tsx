import { Avatar, compact, Icon, IconButton, LiveBadge } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./TopBar.css";

interface Props {
  readonly onMenu: () => void;
}

export function TopBar({ onMenu }: Props) {
  const { show, viewers, likes } = useLive().state.value;
  return (
    <header class="top-bar">
      {show && (
        <div class="top-bar-show">
          <Avatar name={show.host_name} />
          <div class="top-bar-names">
            <h1>{show.title}</h1>
            <p>
              {show.state === "live" && <LiveBadge />}
              <span>{show.host_name}</span>
              <span aria-label={t("likes", { count: likes })}>
                <Icon name="heart" solid />
                {compact(likes)}
              </span>
            </p>
          </div>
        </div>
      )}
      <span class="top-bar-viewers tabular" aria-label={t("viewers", { count: viewers })}>
        <Icon name="eye" />
        {compact(viewers)}
      </span>
      <IconButton icon="more" label={t("menu")} onClick={onMenu} />
    </header>
  );
}
