import { useLive } from "../live.ts";
import { useLasting } from "../useLasting.ts";
import { t } from "../words/index.ts";
import "./ConnectionPill.css";

/** What heals faster than this nobody needs to hear about. */
const SILENT_FOR_MS = 800;

/** Says so while the room is not live. */
export function ConnectionPill() {
  const { phase, state } = useLive();
  const away = useLasting(phase.value !== "live" && phase.value !== "closed", SILENT_FOR_MS);
  return (
    <div role="status">
      {away && (
        <p class="connection-pill">
          <span class="button-spinner" />
          {state.value.you === null ? t("connecting") : t("reconnecting")}
        </p>
      )}
    </div>
  );
}
