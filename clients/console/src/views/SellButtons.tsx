import type { OfferView } from "@liveshop/client";
import { Button, IconButton } from "@liveshop/ui";
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { OpenWhen } from "./OpenWhen.tsx";
import { SureButton } from "./SureButton.tsx";

interface Props {
  readonly offer: OfferView;
  readonly desk: Desk;
  readonly onAgain: () => void;
}

/**
 * Open, close, or sell again. An everyday offer opens with one press; a flash asks when, because
 * a rush that began by accident cannot be called back.
 */
export function SellButtons({ offer, desk, onAgain }: Props) {
  const [choosing, setChoosing] = useState(false);
  const { id, title, state, kind, entry } = offer;
  const busy = desk.doing.value.has(`sell ${id}`);

  function open(countdown_s: number) {
    setChoosing(false);
    void desk.open(id, countdown_s > 0 ? { countdown_s } : {});
  }

  if (state === "closed") {
    return (
      <Button size="small" icon="plus" onClick={onAgain}>
        {t("run.again")}
      </Button>
    );
  }
  if (state === "open") {
    return (
      <SureButton
        size="small"
        text={t("run.close")}
        question={t("run.close_sure")}
        label={t("run.close_it", { title })}
        busy={busy}
        onSure={() => desk.close(id)}
      />
    );
  }
  if (!choosing) {
    return (
      <>
        <Button
          size="small"
          icon={kind === "flash" ? "bolt" : "play"}
          busy={busy}
          aria-label={t("run.open_it", { title })}
          {...(kind === "flash" && { "aria-expanded": false })}
          onClick={() => (kind === "flash" ? setChoosing(true) : open(0))}
        >
          {t("run.open")}
        </Button>
        {kind === "everyday" && (
          <IconButton
            class="run-clock"
            icon="clock"
            label={t("run.open_when", { title })}
            disabled={busy}
            onClick={() => setChoosing(true)}
          />
        )}
      </>
    );
  }
  return <OpenWhen title={title} queue={entry === "queue"} onPick={open} onCancel={() => setChoosing(false)} />;
}
