import { Button, Countdown, Icon } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./HushNote.css";

/** Why a line was refused, or would be, and how long that lasts. */
export function HushNote() {
  const { hush, follow } = useLive();
  const why = hush.value;
  // In slow mode a clock stands where one would send.
  if (why === null || why.code === "slow_mode") return null;
  return (
    <p class="hush-note" role="status">
      <Icon name={why.until === undefined ? "shield" : "clock"} />
      <span>
        {t(`hush_${why.code}`)}
        {why.until !== undefined && (
          <b>
            <Countdown key={why.until} to={why.until} />
          </b>
        )}
      </span>
      {why.code === "followers_only" && (
        <Button size="small" look="strong" onClick={follow}>
          {t("follow")}
        </Button>
      )}
    </p>
  );
}
