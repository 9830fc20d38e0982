import type { InputHTMLAttributes } from "preact";
import { FieldFrame, type FieldWords } from "./FieldFrame.tsx";

type Props = InputHTMLAttributes & FieldWords & { readonly class?: string | undefined };

export function Field({ label, problem, hint, class: extra, ...input }: Props) {
  return (
    <FieldFrame label={label} problem={problem} hint={hint} class={extra}>
      {(tied) => <input {...input} {...tied} />}
    </FieldFrame>
  );
}
