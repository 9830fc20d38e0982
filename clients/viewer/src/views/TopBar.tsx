import { Avatar, Button, compact, Icon, IconButton, LiveBadge } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./TopBar.css";

interface Props {
  readonly onMenu: () => void;
  readonly onShare: () => void;
}

export function TopBar({ onMenu, onShare }: Props) {
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
            <p class="tabular">
              {show.state === "live" && <LiveBadge />}
              {show.state === "live" && (
                <Count icon="eye" count={viewers} spoken={t("viewers", { count: viewers })} />
              )}
              <Count icon="heart" count={likes} spoken={t("likes", { count: likes })} />
              <span class="top-bar-host">{show.host_name}</span>
            </p>
          </div>
          {you && !mine && !follows.value && (
            <Button size="small" look="strong" icon="plus" aria-label={t("follow")} onClick={follow}>
              <span class="top-bar-follow">{t("follow")}</span>
            </Button>
          )}
        </div>
      )}
      <span class="top-bar-buttons">
        {show?.rehearses === undefined && (
          <IconButton icon="share" label={t("share")} onClick={onShare} />
        )}
        <IconButton icon="more" label={t("menu")} onClick={onMenu} />
      </span>
    </header>
  );
}

interface CountProps {
  readonly icon: "eye" | "heart";
  readonly count: number;
  readonly spoken: string;
}

function Count({ icon, count, spoken }: CountProps) {
  return (
    <span>
      <Icon name={icon} solid={icon === "heart"} />
      <span aria-hidden="true">{compact(count)}</span>
      <span class="hidden-visually">{spoken}</span>
    </span>
  );
}
