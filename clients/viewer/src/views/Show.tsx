import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { type Live, LiveProvider, openLive } from "../live.ts";
import { openReplay } from "../replay.ts";
import { LiveRoom } from "./LiveRoom.tsx";

/** A show: the live room, or, for who comes when it is over, the replay. */
export function Show({ id }: { readonly id: string }) {
  const live = useMemo(() => openLive(id), [id]);
  const replay = useSignal<Live | null>(null);

  useEffect(() => {
    const unsubscribe = live.state.subscribe(({ show }) => {
      if (show === null) return;
      // Only at first sight: who was there to the end is thanked, and may ask for it again.
      queueMicrotask(() => unsubscribe());
      if (show.state !== "ended") return;
      void openReplay(id).then((found) => {
        if (found !== null) live.leave();
        replay.value = found;
      });
    });
    return unsubscribe;
  }, [live]);

  const shown = replay.value ?? live;
  return (
    <LiveProvider value={shown} key={shown === live ? "live" : "replay"}>
      <LiveRoom />
    </LiveProvider>
  );
}
