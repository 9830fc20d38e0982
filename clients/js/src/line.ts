/**
 * One call after the other, for as long as somebody wants it: what `publish` and `watch` have in
 * common. Invariant: there is one connection at most, and none once it is stopped or refused.
 */

import { backoff } from "./backoff.ts";
import { call, type Call, CallRefused, type Loss } from "./call.ts";
import { type Health, healthOf, type Reports } from "./health.ts";
import type { Ice } from "./messages.ts";

export type LinePhase = "connecting" | "connected" | "waiting" | "closed";

export interface LineOptions {
  readonly token: string | null;
  readonly iceServers?: readonly Ice[] | undefined;
  /** Where to call, asked before each call. */
  url(): string;
  /** Give a fresh connection what it offers. */
  prepare(peer: RTCPeerConnection): void;
  readonly munge?: (sdp: string) => string;
  /** Whether calling again could help. */
  passing(why: CallRefused): boolean;
  onConnected?(): void;
  onLost?(loss: Loss): void;
  onPhase(phase: LinePhase): void;
  onRefused?: ((why: CallRefused) => void) | undefined;
  /** It is called again after a while. */
  onPutOff?: ((why: CallRefused) => void) | undefined;
  readonly random?: (() => number) | undefined;
}

export interface Line {
  readonly phase: LinePhase;
  /** The connection of now, or the last one. */
  readonly peer: RTCPeerConnection | null;
  /** How it has been since this was asked last; `null` the first time, and while nothing flows. */
  health(): Promise<Health | null>;
  /** Call now instead of after the wait. */
  wake(): void;
  stop(): void;
}

export function openLine(options: LineOptions): Line {
  const { token, iceServers = [], random = Math.random } = options;
  let phase: LinePhase = "connecting";
  let peer: RTCPeerConnection | null = null;
  let current: Call | null = null;
  let reports: Reports | null = null;
  let awake: (() => void) | null = null;
  let stopped = false;

  const enter = (next: LinePhase): void => {
    if (phase === next) return;
    phase = next;
    options.onPhase(next);
  };

  async function run(): Promise<void> {
    let attempt = 0;
    while (!stopped) {
      enter("connecting");
      let hint_ms = 0;
      try {
        peer = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [...iceServers] });
        reports = null;
        options.prepare(peer);
        current = await call(peer, options.url(), token, options.munge);
        if (stopped) return current.end();
        attempt = 0;
        options.onConnected?.();
        enter("connected");
        const loss = await current.lost;
        current.end();
        options.onLost?.(loss);
      } catch (error) {
        // A connection that was closed under a call says so in many ways.
        if (stopped) return;
        if (!(error instanceof CallRefused)) throw error;
        if (!options.passing(error)) {
          stopped = true;
          enter("closed");
          return options.onRefused?.(error);
        }
        hint_ms = error.retry_after_ms;
        options.onPutOff?.(error);
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
    get peer() {
      return peer;
    },
    async health() {
      if (peer === null || phase !== "connected") return null;
      const found = await peer.getStats();
      const before = reports;
      reports = found;
      return before === null ? null : healthOf(found, before);
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
