/**
 * Publish a camera or a screen over WHIP, and stay on air through lost networks and restarted
 * servers. Invariant: it takes a show over only when told to, or when the publisher it replaces
 * was itself, before its network was lost.
 *
 *     const publishing = publish({ url, token, stream });
 */

import { backoff } from "./backoff.ts";
import { call, type Call, CallRefused } from "./call.ts";

export type PublishPhase = "connecting" | "on_air" | "waiting" | "closed";

/** 720p of a face and a product; more is not seen on a phone. */
export const VIDEO_BPS = 2_500_000;

export interface PublishOptions {
  /** Where the API says that the show is published. */
  readonly url: string;
  /** The host's. */
  readonly token: string;
  readonly stream: MediaStream;
  /** Replace whoever publishes now. */
  readonly takeover?: boolean;
  /** The sharpness of a text matters more than the smoothness of a movement. */
  readonly detail?: boolean;
  readonly onPhase?: (phase: PublishPhase) => void;
  /** It is over, and not because `stop` was called: refused, or somebody took over. */
  readonly onRefused?: (why: CallRefused) => void;
  readonly random?: () => number;
}

export interface Publishing {
  readonly phase: PublishPhase;
  /** Go on with another camera, without an interruption. */
  replace(track: MediaStreamTrack): Promise<void>;
  wake(): void;
  stop(): void;
}

export function publish(options: PublishOptions): Publishing {
  const { url, token, stream, onPhase, onRefused, random = Math.random } = options;
  const tracks = new Map(stream.getTracks().map((track) => [track.kind, track]));
  let phase: PublishPhase = "connecting";
  let peer: RTCPeerConnection | null = null;
  let current: Call | null = null;
  let awake: (() => void) | null = null;
  let stopped = false;

  const enter = (next: PublishPhase): void => {
    if (phase === next) return;
    phase = next;
    onPhase?.(next);
  };

  function refused(why: CallRefused): void {
    stopped = true;
    enter("closed");
    onRefused?.(why);
  }

  async function run(): Promise<void> {
    let takeover = options.takeover ?? false;
    let attempt = 0;
    while (!stopped) {
      enter("connecting");
      let hint_ms = 0;
      try {
        peer = sending(stream, tracks, options.detail ?? false);
        current = await call(peer, takeover ? `${url}?takeover=true` : url, token);
        if (stopped) return current.end();
        attempt = 0;
        enter("on_air");
        // After a goodbye somebody else may be on air; after a lost network it is still us.
        takeover = (await current.lost) === "network";
        current.end();
      } catch (error) {
        if (!(error instanceof CallRefused)) throw error;
        if (!error.passing || error.code === "already_publishing") return refused(error);
        hint_ms = error.retry_after_ms;
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
    async replace(track) {
      tracks.set(track.kind, track);
      const sender = peer?.getSenders().find((each) => each.track?.kind === track.kind);
      await sender?.replaceTrack(track);
    },
    wake: () => awake?.(),
    stop() {
      if (stopped) return;
      stopped = true;
      current?.end();
      peer?.close();
      awake?.();
      enter("closed");
    },
  };
}

function sending(
  stream: MediaStream,
  tracks: ReadonlyMap<string, MediaStreamTrack>,
  detail: boolean,
): RTCPeerConnection {
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
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
  return peer;
}
