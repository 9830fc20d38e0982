/**
 * The host's video on this page: by WHEP while that works, by HLS when it does not, and back.
 * Whether there is video, the room says; where it is, the API.
 */

import type { Ice, ShowDetail } from "@liveshop/client";
import {
  type Choice,
  firstChoice,
  type Happening,
  type Health,
  nextChoice,
  watch,
  type Watching,
  type Way,
} from "@liveshop/client/video";
import { ApiError, serverNow } from "@liveshop/ui";
import { effect, type ReadonlySignal, signal } from "@preact/signals";
import { account, shop } from "./account.ts";
import { type Playback, playHls } from "./hls.ts";

export interface Player {
  /** By which way pictures come; `null` while none do. */
  readonly way: ReadonlySignal<Way | null>;
  /** How old the picture on screen is; `null` when it is as new as can be, or there is none. */
  behind_ms(): number | null;
  /** How it looks and how late it is, since this was asked last; `null` while no picture comes. */
  look(): Promise<Look | null>;
  /** Show the picture over other windows, or put it back. */
  popOut(): Promise<void>;
  leave(): void;
}

/** What a viewer may want to know of the picture. */
export interface Look {
  readonly way: Way;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** Of the picture; `null` where the browser does not say. */
  readonly kbit_s: number | null;
  /** From the host to this screen, as far as it can be known here. */
  readonly late_ms: number | null;
}

/** Whether this browser can show a video over other windows. */
export const popsOut: boolean = document.pictureInPictureEnabled;

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
  let servers: readonly Ice[] = [];
  let token: string | null = null;
  let seen = { at: 0, frames: 0 };
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
      token,
      iceServers: servers,
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
    const found = await videoOf(show);
    if (found === null || left || choice !== null || !onAir.peek()) return;
    const { show: shown, video } = found;
    servers = video.ice_servers ?? [];
    // Nobody is asked who they are, but at a rehearsal.
    token = shown.rehearses === undefined ? null : (account.current.peek()?.token ?? null);
    choice = firstChoice({ whep: video.whep, hls: video.hls }, Date.now());
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

  const player: Player = {
    way,
    behind_ms() {
      const at = hls?.picturedAt() ?? null;
      return at === null ? null : Math.max(0, serverNow() - at);
    },
    async look() {
      const way_now = way.peek();
      const shown = video.getVideoPlaybackQuality().totalVideoFrames;
      const [before, now] = [seen, performance.now()];
      seen = { at: now, frames: shown };
      if (way_now === null) return null;
      const health = way_now === "whep" ? await whep?.health() : null;
      const seconds = (now - before.at) / 1000;
      return {
        way: way_now,
        width: video.videoWidth,
        height: video.videoHeight,
        fps: before.at > 0 ? Math.max(0, shown - before.frames) / seconds : 0,
        kbit_s: health?.kbit_s ?? null,
        late_ms: way_now === "hls" ? player.behind_ms() : lateOf(health),
      };
    },
    async popOut() {
      try {
        if (document.pictureInPictureElement === video) await document.exitPictureInPicture();
        else await video.requestPictureInPicture();
      } catch (error) {
        // Refused by the browser: the picture stays where it is.
        if (!(error instanceof DOMException)) throw error;
      }
    },
    leave() {
      left = true;
      if (document.pictureInPictureElement === video) void document.exitPictureInPicture();
      unsubscribe();
      clearInterval(ticking);
      removeEventListener("online", wake);
      stop();
    },
  };
  return player;
}

/** Half the way there and back, and what pictures wait here; the host's encoder is not in it. */
function lateOf(health: Health | null | undefined): number | null {
  if (health?.buffer_ms == null) return null;
  return health.buffer_ms + (health.round_trip_ms ?? 0) / 2;
}

type Shown = ShowDetail & Required<Pick<ShowDetail, "video">>;

async function videoOf(show: string): Promise<Shown | null> {
  try {
    const detail = await shop.get<ShowDetail>(`/api/shows/${encodeURIComponent(show)}`);
    const { video } = detail;
    return video?.whep || video?.hls ? { ...detail, video } : null;
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}
