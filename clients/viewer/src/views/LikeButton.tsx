import { IconButton } from "@liveshop/ui";
import { useEffect, useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./LikeButton.css";

/** Taps are sent together, this often. */
const GATHER_MS = 400;

/** The most the room takes at once. */
const AT_ONCE = 50;

export function LikeButton() {
  const { like } = useLive();
  const button = useRef<HTMLSpanElement>(null);
  const gathered = useRef(0);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  function send(): void {
    timer.current = undefined;
    if (gathered.current > 0) like(Math.min(gathered.current, AT_ONCE));
    gathered.current = 0;
  }

  useEffect(() => () => clearTimeout(timer.current), []);

  function tap(): void {
    gathered.current += 1;
    timer.current ??= setTimeout(send, GATHER_MS);
    button.current?.animate([{ scale: 1 }, { scale: 1.28 }, { scale: 1 }], 220);
  }

  return (
    <span ref={button} class="like-button">
      <IconButton icon="heart" solid label={t("like")} onClick={tap} />
    </span>
  );
}
