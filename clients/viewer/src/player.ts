/**
 * The host's video on this page: by WHEP while that works, by HLS when it does not, and back.
 * Whether there is video, the room says; where it is, the API.
 */

import {
  type Choice,
  firstChoice,
  type Happening,
  nextChoice,
  type ShowDetail,
  watch,
  type Watching,
  type Way,
  type Ways,
} from "@liveshop/client";
import { ApiError, serverNow } from "@liveshop/ui";
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { shop } from "./account.ts";
import { type Playback, playHls } from "./hls.ts";

export interface Player {
  /** By which way pictures come; `null` while none do. */
  readonly way: ReadonlySignal<Way | null>;
  /** How old the picture on screen is; `null` when it is as new as can be, or there is none. */
  behind_ms(): number | null;
  leave(): void;
}

/** Often enough to notice a silent way at its deadline, and where the video is after an outage. */
const TICK_MS = 500;
const ASK_AGAIN_MS = 5_000;

/** The server's word for having no room for another viewer. */
const FULL = "media_full";

export function openPlayer(
  show: string,
  onAir: ReadonlySignal<boolean>,
  video: HTMLVideoElement,
): Player {
  const way = signal<Way | null>(null);
  let choice: Choice | null = null;
  let whep: Watching | null = null;
  let stream: MediaStream | null = null;
  let hls: Playback | null = null;
  let asked_at = -Infinity;
  let left = false;

  function happen(happened: Happening): void {
    if (choice === null) return;
    if (happened.type === "failed" && !onAir.peek()) return stop();
    choice = nextChoice(choice, happened, Date.now());
    follow(choice);
  }

  /** Run what the choice says, and nothing else. */
  function follow({ ways, way: chosen, playing, probing }: Choice): void {
    const wantsWhep = chosen === "whep" || probing;
    if (chosen !== "hls") stopHls();
    if (!wantsWhep) stopWhep();
    if (wantsWhep && whep === null && ways.whep) whep = startWhep(ways.whep);
    if (chosen === "hls" && hls === null && ways.hls) {
      const reports = {
        media: () => happen({ type: "media", way: "hls" }),
        failed: () => {
          hls = null;
          happen({ type: "failed", way: "hls" });
        },
      } as const;
      video.srcObject = null;
      hls = playHls(video, ways.hls, reports);
      play();
    }
    if (chosen === "whep" && video.srcObject !== stream) {
      video.srcObject = stream;
      play();
    }
    way.value = playing ? chosen : null;
  }

  function startWhep(url: string): Watching {
    const session = watch({
      url,
      onStream(next) {
        if (whep !== null && whep !== session) return;
        stream = next;
        // A receiver's track is mute until its first packets come.
        const [track] = next?.getVideoTracks() ?? [];
        track?.addEventListener("unmute", () => happen({ type: "media", way: "whep" }));
        if (choice) follow(choice);
      },
      onPhase(phase) {
        if (whep !== session || phase !== "waiting") return;
        if (onAir.peek()) happen({ type: "lost", way: "whep" });
        // What plays may play on when nobody is on air, but nothing is asked for again.
        else stop();
      },
      onPutOff: (why) => why.code === FULL && failed(why.retry_after_ms),
      onRefused: () => failed(),
    });
    const failed = (retry_after_ms?: number): void => {
      if (whep !== session) return;
      stopWhep();
      happen({ type: "failed", way: "whep", retry_after_ms });
    };
    return session;
  }

  function stopWhep(): void {
    const session = whep;
    whep = stream = null;
    session?.stop();
  }

  function stopHls(): void {
    hls?.close();
    hls = null;
  }

  function stop(): void {
    choice = null;
    stopWhep();
    stopHls();
    video.srcObject = null;
    way.value = null;
  }

  function play(): void {
    // Refused where a page may not play by itself; then the button on the picture starts it.
    video.play().catch(() => {});
  }

  async function start(): Promise<void> {
    asked_at = Date.now();
    const ways = await addresses(show);
    if (ways === null || left || choice !== null || !onAir.peek()) return;
    choice = firstChoice(ways, Date.now());
    follow(choice);
  }

  const unsubscribe = effect(() => {
    if (!onAir.value) {
      // What plays may play on: a host who reloads the page is back in a moment.
      if (way.peek() === null) stop();
    } else if (choice === null) void start();
    else whep?.wake();
  });
  const ticking = setInterval(() => {
    if (choice !== null) happen({ type: "tick" });
    else if (onAir.peek() && Date.now() - asked_at > ASK_AGAIN_MS) void start();
  }, TICK_MS);
  const wake = (): void => whep?.wake();
  addEventListener("online", wake);

  return {
    way,
    behind_ms() {
      const at = hls?.picturedAt() ?? null;
      return at === null ? null : Math.max(0, serverNow() - at);
    },
    leave() {
      left = true;
      unsubscribe();
      clearInterval(ticking);
      removeEventListener("online", wake);
      stop();
    },
  };
}

async function addresses(show: string): Promise<Ways | null> {
  try {
    const detail = await shop.get<ShowDetail>(`/api/shows/${encodeURIComponent(show)}`);
    const { whep, hls } = detail.video ?? {};
    return whep || hls ? { whep, hls } : null;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}
