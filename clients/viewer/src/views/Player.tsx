import { Icon } from "@liveshop/ui";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { openPlayer } from "../player.ts";
import { useLasting } from "../useLasting.ts";
import { t } from "../words/index.ts";
import "./Player.css";

/** Most pictures are here sooner; a host who reloads the page is back within it. */
const SILENT_FOR_MS = 6_000;

/** The host's video over the set. Silent until the viewer taps: browsers play nothing else. */
export function Player() {
  const { id, state, player } = useLive();
  const onAir = useComputed(() => {
    const { show } = state.value;
    return show !== null && show.state !== "ended" && show.on_air === true;
  });
  const muted = useSignal(true);
  const shape = useSignal<"none" | "upright" | "landscape">("none");
  const video = useRef<HTMLVideoElement>(null);

  useEffect(() => {
    if (video.current === null) return undefined;
    const opened = openPlayer(id, onAir, video.current);
    player.value = opened;
    const unsubscribe = opened.way.subscribe((way) => {
      if (way === null) shape.value = "none";
      else if (video.current) measure(video.current);
    });
    return () => {
      unsubscribe();
      player.value = null;
      opened.leave();
    };
  }, [id]);

  function measure({ videoWidth, videoHeight }: HTMLVideoElement): void {
    if (videoWidth > 0) shape.value = videoWidth > videoHeight ? "landscape" : "upright";
  }

  function look({ currentTarget }: { currentTarget: HTMLVideoElement }): void {
    measure(currentTarget);
  }

  function hear(event: Event): void {
    event.stopPropagation();
    muted.value = false;
    if (video.current === null) return;
    video.current.muted = false;
    video.current.play().catch(() => {});
  }

  // The connection outlasts a host who reloads the page; the frozen picture does not.
  const shown = onAir.value ? shape.value : "none";
  const missing = useLasting(onAir.value && shown === "none", SILENT_FOR_MS);
  return (
    <>
      <video
        ref={video}
        class={`player player-${shown}`}
        aria-label={t("video")}
        playsInline
        autoPlay
        muted={muted.value}
        onLoadedData={look}
        onResize={look}
      />
      <div role="status">
        {missing && (
          <p class="player-missing">
            <span class="button-spinner" />
            {t("video_missing")}
          </p>
        )}
      </div>
      {shown !== "none" && muted.value && (
        <button type="button" class="player-hear" onClick={hear}>
          <Icon name="mute" />
          {t("hear")}
        </button>
      )}
    </>
  );
}
