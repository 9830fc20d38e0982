/** A picture by HLS: hls.js, fetched when it is needed, or the browser's own player where that is all. */

import type Hls from "hls.js/light";
import type { HlsConfig } from "hls.js/light";

/** A picture that plays, or is about to. */
export interface Playback {
  /** The server's time of the picture on screen; `null` while there is none. */
  picturedAt(): number | null;
  close(): void;
}

export interface Reports {
  /** The first picture is there. */
  media(): void;
  /** It does not work, or no more; nothing else is reported. */
  failed(retry_after_ms?: number): void;
}

export const CONFIG: Partial<HlsConfig> = {
  lowLatencyMode: true,
  // Without this one stall at the start keeps a viewer a second further behind for good.
  liveSyncOnStallIncrease: 0,
  // Who fell behind catches up so slowly that nobody hears it.
  maxLiveSyncPlaybackRate: 1.1,
  // Fragments are MP4 already; a worker would need a script from a blob, which our policy forbids.
  enableWorker: false,
  backBufferLength: 30,
};

export function playHls(video: HTMLVideoElement, url: string, reports: Reports): Playback {
  let hls: Hls | null = null;
  let over = false;

  const playing = (): void => void (over || reports.media());
  const failed = (): void => {
    if (over) return;
    playback.close();
    reports.failed();
  };
  video.addEventListener("playing", playing, { once: true });
  // The video of the show is over; a host who comes back begins another playlist.
  video.addEventListener("ended", failed);

  const playback: Playback = {
    picturedAt() {
      const date = hls ? hls.playingDate : startDate(video);
      return date ? date.getTime() : null;
    },
    close() {
      over = true;
      video.removeEventListener("playing", playing);
      video.removeEventListener("ended", failed);
      video.removeEventListener("error", failed);
      hls?.destroy();
      video.removeAttribute("src");
      video.load();
    },
  };

  void start().catch(failed);
  return playback;

  async function start(): Promise<void> {
    const { default: Hls, ErrorTypes, Events } = await import("hls.js/light");
    if (over) return;
    // Chromium says "maybe" to HLS as well, and then plays it far behind: hls.js is asked first.
    if (!Hls.isSupported()) {
      video.addEventListener("error", failed, { once: true });
      video.src = url;
      return;
    }
    let recovered = false;
    hls = new Hls(CONFIG);
    hls.on(Events.ERROR, (_event, { fatal, type }) => {
      if (!fatal) return;
      if (type !== ErrorTypes.MEDIA_ERROR || recovered) return failed();
      recovered = true;
      hls?.recoverMediaError();
    });
    hls.loadSource(url);
    hls.attachMedia(video);
  }
}

/** Safari knows the time of the first picture (`EXT-X-PROGRAM-DATE-TIME`). */
function startDate(video: HTMLVideoElement): Date | null {
  if (!("getStartDate" in video) || typeof video.getStartDate !== "function") return null;
  const start: unknown = video.getStartDate();
  if (!(start instanceof Date) || Number.isNaN(start.getTime())) return null;
  return new Date(start.getTime() + video.currentTime * 1000);
}
