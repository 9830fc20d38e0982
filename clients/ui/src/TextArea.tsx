import type { TextareaHTMLAttributes } from "preact";
import { FieldFrame, type FieldWords } from "./FieldFrame.tsx";

/** A `Field` of several lines. */
export function TextArea({ label, problem, hint, ...area }: TextareaHTMLAttributes & FieldWords) {
  return (
    <FieldFrame label={label} problem={problem} hint={hint}>
      {(tied) => <textarea {...area} {...tied} />}
    </FieldFrame>
  );
}
