import { ApiError, Button, Field } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { localOf, momentOf, type Planned } from "../plan.ts";
import { sentence, t } from "../texts/index.ts";

interface Props {
  readonly planned?: Planned;
  readonly submit: string;
  /** Rejects with what the shop said; then the form stays. */
  readonly onSubmit: (planned: Planned) => Promise<void>;
}

/** Title and time of a show. */
export function PlanForm({ planned, submit, onSubmit }: Props) {
  const [failed, setFailed] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [zone] = useState(() => new Intl.DateTimeFormat().resolvedOptions().timeZone);
  const problem = failed === undefined ? undefined : sentence(failed);
  const ofTime = failed instanceof ApiError && OF_TIME.has(failed.code);

  async function send(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      await onSubmit({
        title: String(form.get("title")).trim(),
        starts_at: momentOf(String(form.get("starts_at"))),
      });
    } catch (error) {
      setFailed(error);
      setBusy(false);
    }
  }

  return (
    <form class="form" onSubmit={send}>
      <Field
        label={t("shows.title")}
        name="title"
        defaultValue={planned?.title ?? ""}
        placeholder={t("shows.title_example")}
        maxLength={120}
        pattern=".*\S.*"
        required
        autofocus
        problem={ofTime ? undefined : problem}
      />
      <Field
        label={t("shows.starts_at")}
        name="starts_at"
        type="datetime-local"
        defaultValue={planned?.starts_at == null ? "" : localOf(planned.starts_at)}
        hint={t("shows.zone", { zone })}
        problem={ofTime ? problem : undefined}
      />
      <Button type="submit" look="strong" wide busy={busy}>
        {submit}
      </Button>
    </form>
  );
}

/** Refusals that are about the time. */
const OF_TIME: ReadonlySet<string> = new Set(["starts_in_past", "invalid_value"]);
