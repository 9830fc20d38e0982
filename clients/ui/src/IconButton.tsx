import type { ButtonHTMLAttributes } from "preact";
import { Icon, type IconName } from "./Icon.tsx";
import "./IconButton.css";

interface Props extends Omit<ButtonHTMLAttributes, "icon" | "label"> {
  readonly icon: IconName;
  /** What it does: an icon alone does not say. */
  readonly label: string;
  readonly solid?: boolean;
}

export function IconButton({ icon, label, solid = false, class: extra, children, ...rest }: Props) {
  const names = ["icon-button", extra];
  return (
    <button
      type="button"
      {...rest}
      class={names.filter(Boolean).join(" ")}
      aria-label={label}
      title={label}
    >
      <Icon name={icon} solid={solid} />
      {children}
    </button>
  );
}
