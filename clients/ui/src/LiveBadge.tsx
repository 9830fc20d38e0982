import "./LiveBadge.css";
import { t } from "./words.ts";

export function LiveBadge() {
  return (
    <span class="live-badge">
      <span class="live-badge-bars" aria-hidden="true">
        <i />
        <i />
        <i />
      </span>
      {t("live")}
    </span>
  );
}
