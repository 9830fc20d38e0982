import type { RefObject } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

/**
 * Keep what somebody reads where it is while a list grows above it. The list is scrolled by the
 * height that came on top; at its very top it shows what is new instead.
 */
export function useAnchor(scroll: RefObject<HTMLElement | null>, newest: string | undefined): void {
  const before = useRef<{ newest: string | undefined; height: number } | null>(null);
  useLayoutEffect(() => {
    const list = scroll.current;
    if (list === null) return;
    const known = before.current;
    if (known !== null && known.newest !== newest && list.scrollTop > 0) {
      list.scrollTop += list.scrollHeight - known.height;
    }
    before.current = { newest, height: list.scrollHeight };
  });
}
