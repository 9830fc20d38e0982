import { useEffect, useState } from "preact/hooks";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./ConnectionPill.css";

/** What heals faster than this nobody needs to hear about. */
const SILENT_FOR_MS = 800;

/** Says so while the room is not live. */
export function ConnectionPill() {
  const { phase, state } = useLive();
  const [worth, setWorth] = useState(false);
  const away = phase.value !== "live" && phase.value !== "closed";
  useEffect(() => {
    if (!away) return undefined;
    const timer = setTimeout(() => setWorth(true), SILENT_FOR_MS);
    return () => {
      clearTimeout(timer);
      setWorth(false);
    };
  }, [away]);
  return (
    <div role="status">
      {away && worth && (
        <p class="connection-pill">
          <span class="button-spinner" />
          {state.value.you === null ? t("connecting") : t("reconnecting")}
        </p>
      )}
    </div>
  );
}
