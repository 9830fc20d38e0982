import type { ButtonHTMLAttributes } from "preact";
import "./Button.css";
import { Icon, type IconName } from "./Icon.tsx";

interface Props extends Omit<ButtonHTMLAttributes, "icon" | "size"> {
  /** `strong` is what the page is for: at most one in sight. */
  readonly look?: "strong" | "soft" | "plain" | "danger";
  readonly size?: "small" | "normal";
  readonly icon?: IconName;
  /** Something is on its way: the button does nothing, and keeps the focus, until it is there. */
  readonly busy?: boolean;
  readonly wide?: boolean;
}

export function Button(props: Props) {
  const { look = "soft", size = "normal", icon, busy = false, wide = false, ...rest } = props;
  const { class: extra, children, type = "button", onClick, ...others } = rest;
  const names = ["button", `button-${look}`, `button-${size}`, wide && "button-wide", extra];
  return (
    <button
      {...others}
      type={type}
      class={names.filter(Boolean).join(" ")}
      aria-busy={busy}
      {...(busy && { "aria-disabled": true })}
      onClick={busy ? hold : onClick}
    >
      {busy ? <span class="button-spinner" /> : icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

/** A form that is being sent is not sent again, neither by a press nor by Enter. */
function hold(event: Event): void {
  event.preventDefault();
}
