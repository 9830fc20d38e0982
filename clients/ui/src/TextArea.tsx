import type { TextareaHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import "./Field.css";

type Props = TextareaHTMLAttributes & {
  readonly label: string;
  /** What is wrong with it, in words. */
  readonly problem?: string | undefined;
  readonly hint?: string | undefined;
};

/** A `Field` of several lines. */
export function TextArea({ label, problem, hint, ...area }: Props) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <textarea
        {...area}
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
