import { Avatar, Button, compact, Icon, IconButton, LiveBadge } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./TopBar.css";

interface Props {
  readonly onMenu: () => void;
}

export function TopBar({ onMenu }: Props) {
  const { state, follows, follow } = useLive();
  const { show, viewers, likes, you } = state.value;
  const mine = show?.host === you?.id;
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
          {you && !mine && !follows.value && (
            <Button size="small" look="strong" onClick={follow}>
              {t("follow")}
            </Button>
          )}
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
