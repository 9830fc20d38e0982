import { Icon, type IconName } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";

export type Part = "run" | "screen" | "orders" | "chat";

const PARTS: readonly (readonly [Part, IconName])[] = [
  ["run", "bag"],
  ["screen", "eye"],
  ["orders", "receipt"],
  ["chat", "people"],
];

interface Props {
  readonly desk: Desk;
  readonly part: Part;
  readonly onPick: (part: Part) => void;
}

/** On a phone the desk shows one part at a time. */
export function DeskTabs({ desk, part, onPick }: Props) {
  return (
    <nav class="desk-tabs" aria-label={t("desk.parts")}>
      {PARTS.filter(([name]) => name !== "orders" || desk.may("orders")).map(([name, icon]) => (
        <button
          key={name}
          type="button"
          aria-current={name === part ? "true" : undefined}
          onClick={() => onPick(name)}
        >
          <Icon name={icon} />
          {t(`tab.${name}`)}
        </button>
      ))}
    </nav>
  );
}
