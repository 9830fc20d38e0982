import { useEffect, useRef } from "preact/hooks";
import { listenTo } from "../loudness.ts";
import { t } from "../texts/index.ts";

/** Redrawn with every picture of the page, so past the views. */
export function LevelMeter({ stream }: { readonly stream: MediaStream }) {
  const meter = useRef<HTMLMeterElement>(null);
  const silent = stream.getAudioTracks().length === 0;
  useEffect(() => {
    if (silent) return undefined;
    return listenTo(stream, (loudness) => {
      if (meter.current) meter.current.value = loudness;
    });
  }, [stream]);
  if (silent) return <p class="broadcast-lead">{t("video.silent")}</p>;
  return (
    <meter
      ref={meter}
      class="broadcast-level"
      aria-label={t("video.level")}
      low={0.2}
      high={0.95}
      optimum={0.5}
    />
  );
}
