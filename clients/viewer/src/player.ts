/**
 * The host's video on this page: a stream while there is one. Whether there is one, the room says;
 * where it is, the API.
 */

import { watch, type ShowDetail, type Watching } from "@liveshop/client";
import { ApiError } from "@liveshop/ui";
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { shop } from "./account.ts";

export interface Player {
  readonly stream: ReadonlySignal<MediaStream | null>;
  leave(): void;
}

/** The address cannot be asked for; the next change of the room or of the network asks again. */
const ASK_AGAIN_MS = 5_000;

export function openPlayer(show: string, onAir: ReadonlySignal<boolean>): Player {
  const stream = signal<MediaStream | null>(null);
  let watching: Watching | null = null;
  let left = false;

  function stop(): void {
    watching?.stop();
    watching = null;
  }

  async function start(): Promise<void> {
    const url = await address(show);
    if (url === null || left || watching !== null || !onAir.peek()) return;
    watching = watch({
      url,
      onStream: (next) => (stream.value = next),
      // Nobody is on air any more: what plays may play on, but nothing is asked for again.
      onPhase: (phase) => phase === "waiting" && !onAir.peek() && stop(),
    });
  }

  const unsubscribe = effect(() => {
    if (!onAir.value) {
      if (watching !== null && watching.phase !== "playing") stop();
    } else if (watching !== null) watching.wake();
    else void start();
  });
  const retry = setInterval(() => {
    if (onAir.peek() && watching === null) void start();
  }, ASK_AGAIN_MS);
  const wake = (): void => watching?.wake();
  addEventListener("online", wake);

  return {
    stream,
    leave() {
      left = true;
      unsubscribe();
      clearInterval(retry);
      removeEventListener("online", wake);
      stop();
    },
  };
}

async function address(show: string): Promise<string | null> {
  try {
    const detail = await shop.get<ShowDetail>(`/api/shows/${encodeURIComponent(show)}`);
    return detail.video?.whep ?? null;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}
