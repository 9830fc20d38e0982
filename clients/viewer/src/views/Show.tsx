import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { type Live, LiveProvider, openLive } from "../live.ts";
import { openReplay } from "../replay.ts";
import { embedded } from "../shoppage.ts";
import { LiveRoom } from "./LiveRoom.tsx";

/** A show: the live room, or, for who comes when it is over, the replay. */
export function Show({ id }: { readonly id: string }) {
  const replay = useSignal<Live | null>(null);

  const live = useMemo(() => {
    async function again(): Promise<boolean> {
      replay.value = await openReplay(id);
      if (replay.value !== null) room.leave();
      return replay.value !== null;
    }
    const room = openLive(id, again);
    return { room, again };
  }, [id]);

  useEffect(() => {
    let seen = false;
    // Only at first sight: who was there to the end is thanked, and may ask for it again.
    return live.room.state.subscribe(({ show }) => {
      if (show === null || seen) return;
      seen = true;
      if (show.state === "ended" && show.rehearses === undefined) void live.again();
    });
  }, [live]);

  useEffect(() => {
    if (embedded) void import("../embed.ts").then(({ join }) => join(live.room));
  }, [live]);

  const shown = replay.value ?? live.room;
  return (
    <LiveProvider value={shown} key={replay.value ? "replay" : "live"}>
      <LiveRoom />
    </LiveProvider>
  );
}
