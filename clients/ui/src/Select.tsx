import type { SelectHTMLAttributes } from "preact";
import { FieldFrame, type FieldWords } from "./FieldFrame.tsx";

type Props = SelectHTMLAttributes & Omit<FieldWords, "hint">;

/** The browser's own: on a phone it is a wheel that a thumb knows. */
export function Select({ label, problem, children, ...select }: Props) {
  return (
    <FieldFrame label={label} problem={problem}>
      {(tied) => (
        <select {...select} {...tied}>
          {children}
        </select>
      )}
    </FieldFrame>
  );
}
