import type { OpenOffer } from "@liveshop/client";
import { Button, IconButton } from "@liveshop/ui";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../texts/index.ts";
import { OpenAt } from "./OpenAt.tsx";

/** "Ready? Ten, nine, eight…" up to long enough to show the product once more. */
const COUNTDOWNS_S: readonly number[] = [10, 20, 30, 60];

/** Time to read of the queue, and to enter it. */
const QUEUE_S: readonly number[] = [30, 60, 120, 300];

interface Props {
  readonly title: string;
  /** Places are drawn when it opens, so it cannot open now. */
  readonly queue: boolean;
  readonly onPick: (how: OpenOffer) => void;
  readonly onCancel: () => void;
}

/** Now, after a countdown that everyone sees, or at a moment. Takes the focus of the button it replaces. */
export function OpenWhen({ title, queue, onPick, onCancel }: Props) {
  const group = useRef<HTMLDivElement>(null);
  const [timing, setTiming] = useState(false);
  useEffect(() => {
    group.current?.querySelector("button")?.focus();
    group.current?.scrollIntoView({ block: "nearest" });
  }, []);
  return (
    <div
      ref={group}
      class="run-when"
      role="group"
      aria-label={t("run.open_when", { title })}
      onKeyDown={({ key }) => key === "Escape" && onCancel()}
    >
      {!queue && (
        <Button size="small" look="strong" onClick={() => onPick({})}>
          {t("run.now")}
        </Button>
      )}
      {(queue ? QUEUE_S : COUNTDOWNS_S).map((s) => (
        <Button key={s} size="small" onClick={() => onPick({ countdown_s: s })}>
          {s > 60 ? t("run.in_minutes", { count: s / 60 }) : t("run.in", { s })}
        </Button>
      ))}
      <Button size="small" icon="clock" aria-expanded={timing} onClick={() => setTiming(!timing)}>
        {t("run.at")}
      </Button>
      <IconButton class="run-clock" icon="close" label={t("cancel")} onClick={onCancel} />
      {timing && <OpenAt queue={queue} onPick={(opens_at) => onPick({ opens_at })} />}
    </div>
  );
}
