import { Icon } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./RehearsalBand.css";

/** Says so where a show is only practised. */
export function RehearsalBand() {
  if (useLive().state.value.show?.rehearses === undefined) return null;
  return (
    <p class="rehearsal-band" role="note">
      <Icon name="lock" />
      {t("rehearsal")}
    </p>
  );
}
