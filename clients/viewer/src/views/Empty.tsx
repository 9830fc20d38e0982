import { Icon, type IconName } from "@liveshop/ui";
import type { ComponentChildren } from "preact";
import "./Empty.css";

interface Props {
  readonly icon: IconName;
  readonly title: string;
  readonly hint?: string;
  readonly children?: ComponentChildren;
}

/** Says what would be here. */
export function Empty({ icon, title, hint, children }: Props) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} />
      </span>
      <p class="empty-title">{title}</p>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  );
}
