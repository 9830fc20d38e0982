import { Button, Field, Sheet } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { shop } from "../console.ts";
import { go } from "../route.ts";
import { sentence, t } from "../texts/index.ts";

interface Props {
  readonly onClose: () => void;
}

/** Plan a show; its desk opens at once. */
export function NewShow({ onClose }: Props) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const title = String(form.get("title")).trim();
    // A `datetime-local` has no zone: it is the host's own.
    const starts_at = new Date(String(form.get("starts_at"))).getTime();
    setBusy(true);
    try {
      const show = await shop.createShow(
        Number.isNaN(starts_at) ? { title } : { title, starts_at },
      );
      go({ at: "desk", show: show.id });
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  }

  return (
    <Sheet title={t("shows.new")} onClose={onClose}>
      <form class="form" onSubmit={submit}>
        <Field
          label={t("shows.title")}
          name="title"
          placeholder={t("shows.title_example")}
          maxLength={120}
          pattern=".*\S.*"
          required
          autofocus
          problem={problem}
        />
        <Field label={t("shows.starts_at")} name="starts_at" type="datetime-local" />
        <Button type="submit" look="strong" wide busy={busy}>
          {t("shows.create")}
        </Button>
      </form>
    </Sheet>
  );
}
