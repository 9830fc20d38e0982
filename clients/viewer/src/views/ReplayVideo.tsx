import { Icon } from "@liveshop/ui";
import { useSignal, useSignalEffect } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Deck } from "../replay.ts";
import { t } from "../words/index.ts";
import "./Player.css";

/** The recordings, one after another. */
export function ReplayVideo({ replay }: { readonly replay: Deck }) {
  const video = useRef<HTMLVideoElement>(null);
  const muted = useSignal(true);
  const shape = useSignal<"none" | "upright" | "landscape">("none");

  // Where someone jumped to, perhaps in another recording.
  useSignalEffect(() => {
    const element = video.current;
    void replay.jumps.value;
    const { url, at } = { url: replay.url.value, at: replay.at.peek() };
    if (element === null) return;
    if (element.getAttribute("src") !== url) element.src = url;
    element.currentTime = at.offset_ms / 1000;
    element.play().catch(() => {});
  });

  function look({ currentTarget }: { currentTarget: HTMLVideoElement }): void {
    const { videoWidth, videoHeight } = currentTarget;
    if (videoWidth > 0) shape.value = videoWidth > videoHeight ? "landscape" : "upright";
  }

  function hear(event: Event): void {
    event.stopPropagation();
    muted.value = false;
    if (video.current) video.current.muted = false;
  }

  return (
    <>
      <video
        ref={video}
        class={`player player-${shape.value}`}
        aria-label={t("video")}
        playsInline
        muted={muted.value}
        onLoadedData={look}
        onResize={look}
        onTimeUpdate={({ currentTarget }) => {
          if (!currentTarget.seeking) replay.played(currentTarget.currentTime * 1000);
        }}
        onEnded={replay.over}
      />
      {shape.value !== "none" && muted.value && (
        <button type="button" class="player-hear" onClick={hear}>
          <Icon name="mute" />
          {t("hear")}
        </button>
      )}
    </>
  );
}
