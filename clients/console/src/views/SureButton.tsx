import { Button, type IconName } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";

/** Time enough to read the question; then the button is harmless again. */
const ASKED_MS = 4000;

interface Props {
  /** What the button says, and what it asks when it was pressed once. */
  readonly text: string;
  readonly question: string;
  /** What it does and to what, for those who do not see what it stands beside. */
  readonly label?: string;
  readonly icon?: IconName;
  readonly size?: "small" | "normal";
  readonly look?: "soft" | "plain";
  readonly busy?: boolean;
  readonly onSure: () => void;
}

/** For what cannot be taken back: the second press does it. */
export function SureButton(props: Props) {
  const {
    text,
    question,
    label,
    icon,
    size = "normal",
    look = "soft",
    busy = false,
    onSure,
  } = props;
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return;
    const forget = setTimeout(() => setAsked(false), ASKED_MS);
    return () => clearTimeout(forget);
  }, [asked]);
  return (
    <Button
      size={size}
      look={asked ? "danger" : look}
      busy={busy}
      {...(icon && !asked && { icon })}
      {...(label && !asked && { "aria-label": label, title: label })}
      onBlur={() => setAsked(false)}
      onClick={() => {
        setAsked(!asked);
        if (asked) onSure();
      }}
    >
      {asked ? question : text}
    </Button>
  );
}
