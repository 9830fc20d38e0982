import type { FunctionComponent } from "preact";
import { useEffect, useState } from "preact/hooks";

/** The room comes first; and those who come in together do not ask together. */
const AFTER_MS = 5_000;
const SPREAD_MS = 15_000;

/** In a room, tells of other shows that begin. */
export function Reminding({ here }: { readonly here: string }) {
  const [Started, setStarted] = useState<FunctionComponent | null>(null);

  useEffect(() => {
    let end: (() => void) | undefined;
    let left = false;
    const later = setTimeout(
      async () => {
        const [reminders, views] = await Promise.all([
          import("../reminders.ts"),
          import("./Started.tsx"),
        ]);
        if (left) return;
        setStarted(() => views.Started);
        end = reminders.watch(here);
      },
      AFTER_MS + Math.random() * SPREAD_MS,
    );
    return () => {
      left = true;
      clearTimeout(later);
      end?.();
    };
  }, [here]);

  return Started && <Started />;
}
