import { Button, Icon } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { address, go } from "../route.ts";
import { t } from "../texts/index.ts";
import { SureButton } from "./SureButton.tsx";
import "../style/rehearsal.css";

interface Props {
  readonly desk: Desk;
}

/** Before a show, the way to its rehearsal; in a rehearsal, what it is, and the way back. */
export function RehearsalNote({ desk }: Props) {
  const { show } = desk.room.value;
  if (show === null) return null;
  if (show.rehearses !== undefined) return <Rehearsing desk={desk} of={show.rehearses} />;
  if (show.state !== "draft") return null;
  const open = desk.rehearsal.value;
  if (desk.may("run_show")) {
    return (
      <p class="note rehearsal">
        {t("rehearsal.why")}
        <Button size="small" busy={desk.doing.value.has("rehearse")} onClick={rehearse}>
          {t(open === null ? "rehearsal.begin" : "rehearsal.open")}
        </Button>
      </p>
    );
  }
  return open === null ? null : (
    <p class="note rehearsal">
      {t("rehearsal.is_on")}
      <a class="button button-soft button-small" href={address({ at: "desk", show: open })}>
        {t("rehearsal.open")}
      </a>
    </p>
  );

  async function rehearse() {
    const opened = await desk.rehearse();
    if (opened !== null) go({ at: "desk", show: opened });
  }
}

function Rehearsing({ desk, of }: Props & { readonly of: string }) {
  const over = desk.room.value.show?.state === "ended";

  async function end() {
    if (await desk.end()) go({ at: "desk", show: of });
  }

  return (
    <p class="note note-warn rehearsal" role="note">
      <Icon name="lock" />
      <span>
        <strong>{t(over ? "rehearsal.over" : "rehearsal.band")}</strong>{" "}
        {!over && <span class="rehearsal-more">{t("rehearsal.nothing_sold")}</span>}
      </span>
      {over || !desk.may("run_show") ? (
        <a class="button button-soft button-small" href={address({ at: "desk", show: of })}>
          {t("rehearsal.back")}
        </a>
      ) : (
        <SureButton
          size="small"
          text={t("rehearsal.end")}
          question={t("rehearsal.end_sure")}
          busy={desk.doing.value.has("show")}
          onSure={() => void end()}
        />
      )}
    </p>
  );
}
