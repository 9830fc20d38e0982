import { Button, duration, Icon, IconButton, LiveBadge, now } from "@liveshop/ui";
import { useComputed } from "@preact/signals";
import type { Desk } from "../desk.ts";
import { address } from "../route.ts";
import { t } from "../texts/index.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import { Coupons } from "./Coupons.tsx";
import { SureButton } from "./SureButton.tsx";
import { ViewerLinks } from "./ViewerLinks.tsx";

interface Props {
  readonly desk: Desk;
  readonly onHelp: () => void;
}

export function DeskBar({ desk, onHelp }: Props) {
  const { show } = desk.room.value;
  if (show === null) return null;
  const busy = desk.doing.value.has("show");
  const runs = desk.may("run_show");

  return (
    <header class="deskbar">
      <a
        class="icon-button deskbar-back"
        href={address(show.rehearses ? { at: "desk", show: show.rehearses } : { at: "shows" })}
        aria-label={t(show.rehearses ? "rehearsal.back" : "desk.back")}
      >
        <Icon name="chevron" />
      </a>
      <div class="deskbar-title">
        <h1>{show.title}</h1>
        <div class="deskbar-state">
          {show.state === "live" ? (
            <>
              <LiveBadge />
              {show.started_at !== undefined && (
                <OnAir key={show.started_at} since={show.started_at} />
              )}
            </>
          ) : (
            <span class={`chip chip-${show.state}`}>{t(`show.${show.state}`)}</span>
          )}
        </div>
      </div>
      {desk.may("sell", "run_show") && (
        <IconButton class="deskbar-keys" icon="keys" label={t("keys.title")} onClick={onHelp} />
      )}
      <ViewerLinks show={show.id} />
      <Coupons desk={desk} />
      {runs && show.state === "draft" && (
        <Button look="strong" icon="play" busy={busy} onClick={() => desk.start()}>
          {t("desk.start")}
        </Button>
      )}
      {runs && show.state === "live" && show.rehearses === undefined && (
        <SureButton
          icon="stop"
          text={t("desk.end")}
          question={t("desk.end_sure")}
          busy={busy}
          onSure={() => desk.end()}
        />
      )}
      <AccountMenu />
    </header>
  );
}

function OnAir({ since }: { readonly since: number }) {
  const time = useComputed(() => duration(Math.floor((now.value - since) / 1000)));
  return (
    <span class="tabular" role="timer" title={t("desk.on_air", { time: time.value })}>
      {time}
    </span>
  );
}
