/**
 * Watch a show over WHEP: one stream, kept playing through lost networks and restarted servers.
 *
 *     const watching = watch({ url, onStream: (stream) => (video.srcObject = stream) });
 */

import type { CallRefused } from "./call.ts";
import { type Line, type LinePhase, openLine } from "./line.ts";
import type { Ice } from "./messages.ts";

export type WatchPhase = "connecting" | "playing" | "waiting" | "closed";

export interface WatchOptions {
  /** Where the API says that the show is watched. */
  readonly url: string;
  readonly token?: string | null;
  /** Servers that help to connect, as the API names them. */
  readonly iceServers?: readonly Ice[] | undefined;
  /** The stream to show, and null while there is none. */
  readonly onStream: (stream: MediaStream | null) => void;
  readonly onPhase?: (phase: WatchPhase) => void;
  /** It cannot be watched this way, and asking again would not help. */
  readonly onRefused?: (why: CallRefused) => void;
  /** It could not be had just now, and is asked for again: nobody is there, or no room. */
  readonly onPutOff?: (why: CallRefused) => void;
  readonly random?: () => number;
}

export interface Watching extends Pick<Line, "health" | "stop"> {
  readonly phase: WatchPhase;
  /** Try now instead of after the wait: the host is back, the network is. */
  wake(): void;
}

export function watch(options: WatchOptions): Watching {
  const { url, token = null, onStream, onPhase } = options;
  let stream: MediaStream | null = null;
  const line = openLine({
    ...options,
    token,
    url: () => url,
    prepare: (peer) => (stream = receiving(peer)),
    munge: stereo,
    passing: (why) => why.passing,
    onConnected: () => onStream(stream),
    onLost: () => onStream(null),
    onPhase: (phase) => onPhase?.(named(phase)),
  });
  return {
    get phase() {
      return named(line.phase);
    },
    health: line.health,
    wake: line.wake,
    stop() {
      if (line.phase === "closed") return;
      onStream(null);
      line.stop();
    },
  };
}

function named(phase: LinePhase): WatchPhase {
  return phase === "connected" ? "playing" : phase;
}

function receiving(peer: RTCPeerConnection): MediaStream {
  const stream = new MediaStream();
  for (const kind of ["audio", "video"] as const) {
    const { receiver } = peer.addTransceiver(kind, { direction: "recvonly" });
    // A live show is worth more than one late picture in a thousand.
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    stream.addTrack(receiver.track);
  }
  return stream;
}

/** Browsers decode Opus as mono unless their own offer says that they can do better. */
function stereo(sdp: string): string {
  const number = /^a=rtpmap:(\d+) opus\/48000\/2/m.exec(sdp)?.[1];
  if (number === undefined) return sdp;
  return sdp.replace(new RegExp(`^a=fmtp:${number} (?!.*stereo=)[^\\r\\n]*`, "m"), "$&;stereo=1");
}
