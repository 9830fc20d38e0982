import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import "./Field.css";

export interface FieldWords {
  readonly label: string;
  /** What is wrong with it, in words. */
  readonly problem?: string | undefined;
  readonly hint?: string | undefined;
}

interface Props extends FieldWords {
  readonly class?: string | undefined;
  /** Draws what is filled in, with what ties the words to it. */
  readonly children: (tied: Readonly<Record<string, string | boolean>>) => ComponentChildren;
}

/** What is around whatever can be filled in: its label, and what is wrong with it or helps. */
export function FieldFrame({ label, problem, hint, class: extra, children }: Props) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div class={["field", extra].filter(Boolean).join(" ")}>
      <label for={id}>{label}</label>
      {children({
        id,
        "aria-invalid": problem !== undefined,
        ...(note !== undefined && { "aria-describedby": `${id}-note` }),
      })}
      {note && (
        <p id={`${id}-note`} class={problem ? "field-problem" : "field-hint"}>
          {note}
        </p>
      )}
    </div>
  );
}
