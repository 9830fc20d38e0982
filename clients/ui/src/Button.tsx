import type { ButtonHTMLAttributes } from "preact";
import "./Button.css";
import { Icon, type IconName } from "./Icon.tsx";

interface Props extends Omit<ButtonHTMLAttributes, "icon" | "size"> {
  /** `strong` is what the page is for: at most one in sight. */
  readonly look?: "strong" | "soft" | "plain" | "danger";
  readonly size?: "small" | "normal";
  readonly icon?: IconName;
  /** Something is on its way: the button waits with it. */
  readonly busy?: boolean;
  readonly wide?: boolean;
}

export function Button(props: Props) {
  const { look = "soft", size = "normal", icon, busy = false, wide = false, ...rest } = props;
  const { class: extra, children, disabled, type = "button", ...others } = rest;
  const names = ["button", `button-${look}`, `button-${size}`, wide && "button-wide", extra];
  return (
    <button
      {...others}
      type={type}
      class={names.filter(Boolean).join(" ")}
      disabled={disabled === true || busy}
      aria-busy={busy}
    >
      {busy ? <span class="button-spinner" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}
