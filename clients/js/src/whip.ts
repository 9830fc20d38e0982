/**
 * Publish a camera or a screen over WHIP, and stay on air through lost networks and restarted
 * servers. Invariant: it takes a show over only when told to, or when the publisher it replaces
 * was itself, before its network was lost.
 *
 *     const publishing = publish({ url, token, stream });
 */

import type { CallRefused } from "./call.ts";
import { type Line, type LinePhase, openLine } from "./line.ts";
import type { Ice } from "./messages.ts";

export type PublishPhase = "connecting" | "on_air" | "waiting" | "closed";

/** 720p of a face and a product; more is not seen on a phone. */
export const VIDEO_BPS = 2_500_000;

export interface PublishOptions {
  /** Where the API says that the show is published, or rehearsed. */
  readonly url: string;
  /** The host's. */
  readonly token: string;
  readonly stream: MediaStream;
  /** Servers that help to connect, as the API names them. */
  readonly iceServers?: readonly Ice[] | undefined;
  /** Replace whoever publishes now. */
  readonly takeover?: boolean;
  /** The sharpness of a text matters more than the smoothness of a movement. */
  readonly detail?: boolean;
  readonly onPhase?: (phase: PublishPhase) => void;
  /** It is over, and not because `stop` was called: refused, or somebody took over. */
  readonly onRefused?: (why: CallRefused) => void;
  readonly random?: () => number;
}

export interface Publishing extends Pick<Line, "health" | "stop"> {
  readonly phase: PublishPhase;
  /** Go on with another camera, without an interruption. */
  replace(track: MediaStreamTrack): Promise<void>;
  wake(): void;
}

export function publish(options: PublishOptions): Publishing {
  const { url, stream, detail = false, onPhase } = options;
  const tracks = new Map(stream.getTracks().map((track) => [track.kind, track]));
  let { takeover = false } = options;
  const line = openLine({
    ...options,
    url: () => (takeover ? `${url}${url.includes("?") ? "&" : "?"}takeover=true` : url),
    prepare: (peer) => send(peer, stream, tracks, detail),
    passing: (why) => why.passing && why.code !== "already_publishing",
    // After a goodbye somebody else may be on air; after a lost network it is still us.
    onLost: (loss) => (takeover = loss === "network"),
    onPhase: (phase) => onPhase?.(named(phase)),
  });
  return {
    get phase() {
      return named(line.phase);
    },
    async replace(track) {
      tracks.set(track.kind, track);
      const sender = line.peer?.getSenders().find((each) => each.track?.kind === track.kind);
      await sender?.replaceTrack(track);
    },
    health: line.health,
    wake: line.wake,
    stop: line.stop,
  };
}

function named(phase: LinePhase): PublishPhase {
  return phase === "connected" ? "on_air" : phase;
}

function send(
  peer: RTCPeerConnection,
  stream: MediaStream,
  tracks: ReadonlyMap<string, MediaStreamTrack>,
  detail: boolean,
): void {
  for (const [kind, track] of tracks) {
    if (kind === "video") track.contentHint = detail ? "detail" : "motion";
    const { sender } = peer.addTransceiver(track, {
      direction: "sendonly",
      streams: [stream],
      sendEncodings: kind === "video" ? [{ maxBitrate: VIDEO_BPS }] : [{}],
    });
    if (kind !== "video") continue;
    // Fewer pictures a second while the network is slow, not smaller ones.
    const parameters = sender.getParameters();
    parameters.degradationPreference = "maintain-resolution";
    void sender.setParameters(parameters).catch(() => {});
  }
}
