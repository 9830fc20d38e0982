import type { Desk } from "../desk.ts";
import { address } from "../route.ts";
import { sentence, t } from "../texts/index.ts";

interface Props {
  readonly desk: Desk;
}

/** Said only when there is something to say. */
export function ConnectionNote({ desk }: Props) {
  const shut = desk.shut.value;
  const { show } = desk.room.value;
  if (shut)
    return (
      <p class="note note-bad" role="alert">
        {t("desk.lost", { why: sentence(shut) })}
      </p>
    );
  if (desk.connection.value !== "live") {
    return (
      <p class="note note-warn" role="status">
        {t("desk.reconnecting")}
      </p>
    );
  }
  if (show && !desk.mine.value) {
    return <p class="note">{t("desk.not_yours", { host: show.host_name })}</p>;
  }
  if (show?.state !== "ended") return null;
  return (
    <p class="note">
      {t("desk.ended")}{" "}
      <a href={address({ at: "summary", show: show.id })}>{t("summary.link")}</a>
    </p>
  );
}
