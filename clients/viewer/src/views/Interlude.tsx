import type { ShowView } from "@liveshop/client";
import { Button, Countdown, dayAndTime, serverNow } from "@liveshop/ui";
import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";
import "./Interlude.css";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";

interface Props {
  readonly show: ShowView;
}

/** Before the show and after it. */
export function Interlude({ show }: Props) {
  const { state, starts_at, title, host_name, rehearses } = show;
  const rehearsal = rehearses !== undefined;
  const { again } = useLive();
  const [RemindHere, setRemindHere] = useState<FunctionComponent<Props> | null>(null);
  useEffect(() => {
    if (state !== "draft" || rehearsal) return;
    void import("./RemindHere.tsx").then(({ RemindHere }) => setRemindHere(() => RemindHere));
  }, [state, rehearsal]);
  return (
    <div class="interlude">
      {state === "ended" ? (
        <>
          <h2>{t(rehearsal ? "rehearsal_over" : "show_ended")}</h2>
          <p>{t(rehearsal ? "rehearsal_over_hint" : "show_ended_hint")}</p>
          {!rehearsal && <Button onClick={() => void again()}>{t("replay")}</Button>}
          <a class="button button-normal button-strong" href="/">
            {t("all_shows")}
          </a>
        </>
      ) : (
        <>
          <p>{t("by", { name: host_name })}</p>
          <h2>{title}</h2>
          {starts_at !== undefined && starts_at > serverNow() ? (
            <>
              <p>{t("starts_in")}</p>
              <strong>
                <Countdown key={starts_at} to={starts_at} />
              </strong>
              <p>{dayAndTime(starts_at)}</p>
            </>
          ) : (
            <strong class="interlude-soon">{t("starts_soon")}</strong>
          )}
          {!rehearsal && (
            <div class="interlude-remind">{RemindHere && <RemindHere show={show} />}</div>
          )}
        </>
      )}
    </div>
  );
}
