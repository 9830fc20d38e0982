import type { Desk } from "../desk.ts";
import { address } from "../route.ts";
import { PERMISSIONS } from "../standing.ts";
import { namesOf, sentence, t } from "../texts/index.ts";

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
  if (show === null) return null;
  if (show.state === "ended" && desk.may("orders", "numbers")) {
    return (
      <p class="note">
        {desk.may("orders") && t("desk.ended")}{" "}
        {desk.may("numbers") && (
          <a href={address({ at: "summary", show: show.id })}>{t("summary.link")}</a>
        )}
      </p>
    );
  }
  const granted = desk.granted.value;
  if (granted.length === PERMISSIONS.length) return null;
  const host = show.host_name;
  return (
    <p class="note">
      {granted.length === 0
        ? t("desk.not_yours", { host })
        : t("desk.for_host", { host, permissions: namesOf(granted) })}
    </p>
  );
}
