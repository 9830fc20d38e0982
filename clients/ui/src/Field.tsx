import type { InputHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import "./Field.css";

type Props = InputHTMLAttributes & {
  readonly label: string;
  /** What is wrong with it, in words. */
  readonly problem?: string | undefined;
  readonly hint?: string | undefined;
};

export function Field({ label, problem, hint, class: extra, ...input }: Props) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div class={["field", extra].filter(Boolean).join(" ")}>
      <label for={id}>{label}</label>
      <input
        {...input}
        id={id}
        aria-invalid={problem !== undefined}
        {...(note !== undefined && { "aria-describedby": `${id}-note` })}
      />
      {note && (
        <p id={`${id}-note`} class={problem ? "field-problem" : "field-hint"}>
          {note}
        </p>
      )}
    </div>
  );
}
