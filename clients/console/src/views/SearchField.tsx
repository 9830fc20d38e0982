import { Icon } from "@liveshop/ui";
import type { Catalogue } from "../catalogue.ts";

interface Props {
  readonly label: string;
  readonly catalogue: Catalogue;
  readonly autofocus?: boolean;
}

export function SearchField({ label, catalogue, autofocus = false }: Props) {
  return (
    <label class="search">
      <Icon name="search" />
      <input
        type="search"
        value={catalogue.text.value}
        placeholder={label}
        aria-label={label}
        autofocus={autofocus}
        maxLength={200}
        onInput={({ currentTarget }) => catalogue.search(currentTarget.value)}
      />
    </label>
  );
}
