import type { OfferView, OpenOffer } from "@liveshop/client";
import { Button, IconButton } from "@liveshop/ui";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
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
  const opener = useRef<HTMLButtonElement>(null);
  const cancelled = useRef(false);
  useLayoutEffect(() => {
    if (cancelled.current) opener.current?.focus();
    cancelled.current = false;
  }, [choosing]);
  const { id, title, state, kind, entry } = offer;
  const busy = desk.doing.value.has(`sell ${id}`);

  function open(how: OpenOffer) {
    setChoosing(false);
    void desk.open(id, how);
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
          ref={opener}
          size="small"
          icon={kind === "flash" ? "bolt" : "play"}
          busy={busy}
          aria-label={t("run.open_it", { title })}
          {...(kind === "flash" && { "aria-expanded": false })}
          onClick={() => (kind === "flash" ? setChoosing(true) : open({}))}
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
  return (
    <OpenWhen
      title={title}
      queue={entry === "queue"}
      onPick={open}
      onCancel={() => {
        cancelled.current = true;
        setChoosing(false);
      }}
    />
  );
}
