/** What changes faster than a screen: as it is in the frame that is drawn. */

import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";

/** The value of `source`, at most once a frame; a page that nobody sees draws none. */
export function useOnFrame<T>(source: ReadonlySignal<T>): T {
  const [value, setValue] = useState<{ readonly of: T }>(() => ({ of: source.peek() }));
  useEffect(() => {
    let asked = 0;
    const stop = source.subscribe(() => {
      asked ||= requestAnimationFrame(() => {
        asked = 0;
        const next = source.peek();
        setValue((shown) => (shown.of === next ? shown : { of: next }));
      });
    });
    return () => {
      stop();
      cancelAnimationFrame(asked);
    };
  }, [source]);
  return value.of;
}
