/** Whether something has held for a while: what is over sooner, nobody needs to hear about. */

import { useEffect, useState } from "preact/hooks";

export function useLasting(holds: boolean, for_ms: number): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    if (!holds) return undefined;
    const timer = setTimeout(() => setLasts(true), for_ms);
    return () => {
      clearTimeout(timer);
      setLasts(false);
    };
  }, [holds]);
  return holds && lasts;
}
