import { useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { floatHearts, type Floating } from "../hearts.ts";
import { useLive } from "../live.ts";
import "./Hearts.css";

/** One pulse of a crowd may bring a thousand likes: a handful says as much. */
const HEARTS_A_PULSE = 6;

/** Everyone's likes, rising. */
export function Hearts() {
  const { state } = useLive();
  const canvas = useRef<HTMLCanvasElement>(null);
  const floating = useRef<Floating>(null);
  const seen = useRef<number | null>(null);

  useEffect(() => {
    if (canvas.current === null) return undefined;
    const started = floatHearts(canvas.current);
    floating.current = started;
    return () => started.stop();
  }, []);

  useSignalEffect(() => {
    const { likes, you } = state.value;
    const more = seen.current === null ? 0 : likes - seen.current;
    // The likes before one came in are no news.
    if (you !== null) seen.current = likes;
    for (let heart = 0; heart < Math.min(more, HEARTS_A_PULSE); heart += 1) {
      floating.current?.rise(heart * 90);
    }
  });

  return <canvas ref={canvas} class="hearts" aria-hidden="true" />;
}
