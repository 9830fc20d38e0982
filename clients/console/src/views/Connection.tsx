import { type Health, qualityOf } from "@liveshop/client/video";
import { t } from "../texts/index.ts";

/** Whether what the host sends arrives, in a word and in numbers. */
export function Connection({ health }: { readonly health: Health }) {
  const { kbit_s, width, height, fps, round_trip_ms, loss, codec, limited } = health;
  const quality = qualityOf(health);
  const numbers = [
    t("video.mbit_s", { n: (kbit_s / 1000).toFixed(1) }),
    `${width} × ${height}`,
    t("video.fps", { n: Math.round(fps) }),
    ...(round_trip_ms === null ? [] : [`${Math.round(round_trip_ms)} ms`]),
    ...(loss > 0 ? [t("video.loss", { n: (loss * 100).toFixed(1) })] : []),
  ];
  return (
    <div class="broadcast-health">
      <span class={`chip broadcast-${quality}`}>{t(`video.quality_${quality}`)}</span>
      <span class="tabular">{numbers.map((each) => each.replaceAll(" ", "\u00a0")).join(" · ")}</span>
      {limited !== "none" && <small>{t(`video.limited_${limited}`)}</small>}
      {codec === "VP8" && <small>{t("video.vp8")}</small>}
    </div>
  );
}
