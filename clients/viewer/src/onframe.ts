/** What changes faster than anyone reads: as it is in the frame that is drawn. */

import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

/**
 * From one drawing to the next. Each moves every line, and costs the phone a third of a frame: in a
 * storm of 200 lines a second, sixty drawings a second would leave too little for the picture.
 */
const APART_MS = 45;

/** The value of `source`, now and then in the frame that is drawn; a hidden page draws none. */
export function useOnFrame<T>(source: ReadonlySignal<T>): T {
  const [value, setValue] = useState<{ readonly of: T }>(() => ({ of: source.peek() }));
  useEffect(() => {
    let asked = 0;
    let drawn = -APART_MS;
    const draw = (now: number): void => {
      if (now - drawn < APART_MS) return void (asked = requestAnimationFrame(draw));
      asked = 0;
      drawn = now;
      const next = source.peek();
      setValue((shown) => (shown.of === next ? shown : { of: next }));
    };
    const stop = source.subscribe(() => (asked ||= requestAnimationFrame(draw)));
    return () => {
      stop();
      cancelAnimationFrame(asked);
    };
  }, [source]);
  return value.of;
}
