import { Button, IconButton } from "@liveshop/ui";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../texts/index.ts";

/** "Ready? Ten, nine, eight…" up to long enough to show the product once more. */
const COUNTDOWNS_S: readonly number[] = [10, 20, 30, 60];

/** Time to read of the queue, and to enter it. */
const QUEUE_S: readonly number[] = [30, 60, 120, 300];

interface Props {
  readonly title: string;
  /** Places are drawn when it opens, so it cannot open now. */
  readonly queue: boolean;
  readonly onPick: (countdown_s: number) => void;
  readonly onCancel: () => void;
}

/** Now, or after a countdown that everyone sees. Takes the focus of the button it replaces. */
export function OpenWhen({ title, queue, onPick, onCancel }: Props) {
  const group = useRef<HTMLDivElement>(null);
  useEffect(() => group.current?.querySelector("button")?.focus(), []);
  return (
    <div
      ref={group}
      class="run-when"
      role="group"
      aria-label={t("run.open_when", { title })}
      onKeyDown={({ key }) => key === "Escape" && onCancel()}
    >
      {!queue && (
        <Button size="small" look="strong" onClick={() => onPick(0)}>
          {t("run.now")}
        </Button>
      )}
      {(queue ? QUEUE_S : COUNTDOWNS_S).map((s) => (
        <Button key={s} size="small" onClick={() => onPick(s)}>
          {s > 60 ? t("run.in_minutes", { count: s / 60 }) : t("run.in", { s })}
        </Button>
      ))}
      <IconButton class="run-clock" icon="close" label={t("cancel")} onClick={onCancel} />
    </div>
  );
}
