import type { SelectHTMLAttributes } from "preact";
import { useId } from "preact/hooks";
import "./Field.css";

type Props = SelectHTMLAttributes & {
  readonly label: string;
  /** What is wrong with it, in words. */
  readonly problem?: string | undefined;
};

/** The browser's own: on a phone it is a wheel that a thumb knows. */
export function Select({ label, problem, children, ...select }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select
        {...select}
        id={id}
        aria-invalid={problem !== undefined}
        {...(problem !== undefined && { "aria-describedby": `${id}-note` })}
      >
        {children}
      </select>
      {problem && (
        <p id={`${id}-note`} class="field-problem">
          {problem}
        </p>
      )}
    </div>
  );
}
