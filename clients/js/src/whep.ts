/**
 * Watch a show over WHEP: one stream, kept playing through lost networks and restarted servers.
 *
 *     const watching = watch({ url, onStream: (stream) => (video.srcObject = stream) });
 */

import { backoff } from "./backoff.ts";
import { call, type Call, CallRefused } from "./call.ts";

export type WatchPhase = "connecting" | "playing" | "waiting" | "closed";

export interface WatchOptions {
  /** Where the API says that the show is watched. */
  readonly url: string;
  readonly token?: string | null;
  /** The stream to show, and null while there is none. */
  readonly onStream: (stream: MediaStream | null) => void;
  readonly onPhase?: (phase: WatchPhase) => void;
  /** It cannot be watched this way, and asking again would not help. */
  readonly onRefused?: (why: CallRefused) => void;
  /** It could not be had just now, and is asked for again: nobody is there, or no room. */
  readonly onPutOff?: (why: CallRefused) => void;
  readonly random?: () => number;
}

export interface Watching {
  readonly phase: WatchPhase;
  /** Try now instead of after the wait: the host is back, the network is. */
  wake(): void;
  stop(): void;
}

export function watch(options: WatchOptions): Watching {
  const { url, token = null, onStream, onPhase, onRefused, onPutOff, random = Math.random } = options;
  let phase: WatchPhase = "connecting";
  let current: Call | null = null;
  let awake: (() => void) | null = null;
  let stopped = false;

  const enter = (next: WatchPhase): void => {
    if (phase === next) return;
    phase = next;
    onPhase?.(next);
  };

  async function run(): Promise<void> {
    let attempt = 0;
    while (!stopped) {
      enter("connecting");
      let hint_ms = 0;
      try {
        const { peer, stream } = receiving();
        current = await call(peer, url, token, stereo);
        if (stopped) return current.end();
        attempt = 0;
        onStream(stream);
        enter("playing");
        await current.lost;
        current.end();
        onStream(null);
      } catch (error) {
        if (!(error instanceof CallRefused)) throw error;
        if (!error.passing) {
          stopped = true;
          enter("closed");
          return onRefused?.(error);
        }
        hint_ms = error.retry_after_ms;
        onPutOff?.(error);
      }
      if (stopped) return;
      enter("waiting");
      await wait(backoff(attempt++, random(), hint_ms));
    }
  }

  function wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      awake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  void run();
  return {
    get phase() {
      return phase;
    },
    wake: () => awake?.(),
    stop() {
      if (stopped) return;
      stopped = true;
      current?.end();
      awake?.();
      onStream(null);
      enter("closed");
    },
  };
}

function receiving(): { peer: RTCPeerConnection; stream: MediaStream } {
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const stream = new MediaStream();
  for (const kind of ["audio", "video"] as const) {
    const { receiver } = peer.addTransceiver(kind, { direction: "recvonly" });
    // A live show is worth more than one late picture in a thousand.
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    stream.addTrack(receiver.track);
  }
  return { peer, stream };
}

/** Browsers decode Opus as mono unless their own offer says that they can do better. */
function stereo(sdp: string): string {
  const number = /^a=rtpmap:(\d+) opus\/48000\/2/m.exec(sdp)?.[1];
  if (number === undefined) return sdp;
  return sdp.replace(new RegExp(`^a=fmtp:${number} (?!.*stereo=)[^\\r\\n]*`, "m"), "$&;stereo=1");
}
