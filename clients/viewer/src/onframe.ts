/** What changes faster than a screen: as it is in the frame that is drawn. */

import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

/**
 * The value of `source`, at most once a frame, and not again within what `rest_ms` says of the value
 * that was drawn last; a page that nobody sees draws none.
 */
export function useOnFrame<T>(source: ReadonlySignal<T>, rest_ms: (drawn: T) => number): T {
  const [value, setValue] = useState<{ readonly of: T }>(() => ({ of: source.peek() }));
  useEffect(() => {
    let asked = 0;
    let resting: ReturnType<typeof setTimeout> | undefined;
    function ask(): void {
      if (resting === undefined) asked ||= requestAnimationFrame(draw);
    }
    function draw(): void {
      asked = 0;
      const next = source.peek();
      setValue((shown) => (shown.of === next ? shown : { of: next }));
      const rest = rest_ms(next);
      if (rest > 0) resting = setTimeout(over, rest, next);
    }
    function over(drawn: T): void {
      resting = undefined;
      if (source.peek() !== drawn) ask();
    }
    const stop = source.subscribe(ask);
    return () => {
      stop();
      clearTimeout(resting);
      cancelAnimationFrame(asked);
    };
  }, [source]);
  return value.of;
}
