import { Button, Field, serverNow } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { openingOf, suggestedOpening, type OpeningFault } from "../opening.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly queue: boolean;
  readonly onPick: (opens_at: number) => void;
}

/** A moment at which an offer opens by itself. */
export function OpenAt({ queue, onPick }: Props) {
  const [typed, setTyped] = useState(() => suggestedOpening(serverNow()));
  const [fault, setFault] = useState<OpeningFault>();
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    form.current?.querySelector("input")?.focus();
    form.current?.scrollIntoView({ block: "nearest" });
  }, []);

  function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const opening = openingOf(typed, serverNow(), queue);
    if (typeof opening === "number") onPick(opening);
    else setFault(opening);
  }

  return (
    <form ref={form} class="run-at" onSubmit={submit} noValidate>
      <Field
        label={t("opening.at")}
        type="datetime-local"
        value={typed}
        problem={fault && t(`opening.${fault}`)}
        onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      />
      <Button type="submit" size="small" look="strong">
        {t("opening.set")}
      </Button>
    </form>
  );
}
