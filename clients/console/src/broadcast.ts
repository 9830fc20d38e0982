/**
 * The host's way on air, and to a rehearsal that nobody else sees. Views read the signals and call
 * it; they see neither a device nor a connection.
 */
import type { Ice, Rehearsal } from "@liveshop/client";
import {
  type CallRefused,
  type Health,
  publish,
  type Publishing,
  type PublishPhase,
  watch,
  type Watching,
} from "@liveshop/client/video";
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import { captureOf, type Capture, type CaptureTrouble, type Devices, type Film } from "./capture.ts";

export type Trouble = CaptureTrouble | "unavailable" | "taken" | "refused";

/** On air for everyone, in place of whoever is there, or seen by the host alone. */
export type Mode = "live" | "takeover" | "rehearsal";

export interface Broadcast extends Pick<Capture, "stream" | "source" | "devices" | "open" | "play"> {
  readonly phase: ReadonlySignal<PublishPhase | "idle">;
  readonly rehearsing: ReadonlySignal<boolean>;
  /** In a rehearsal: what comes back from the server, as viewers would see it. */
  readonly mirror: ReadonlySignal<MediaStream | null>;
  /** How the connection is doing; looked at once a second. */
  readonly health: ReadonlySignal<Health | null>;
  readonly trouble: ReadonlySignal<Trouble | null>;
  /** Go on with another camera or microphone. */
  choose(kind: keyof Devices, id: string): Promise<void>;
  start(mode: Mode): Promise<void>;
  /** Off air; the preview stays. */
  stop(): void;
  /** Off air, and every device is released. */
  leave(): void;
}

/** Where a show is published, and as whom. */
export interface Venue {
  readonly token: string;
  readonly publish: string;
  readonly rehearse: Rehearsal;
  readonly iceServers: readonly Ice[];
}

export interface Surroundings {
  /** Null if this shop has no video. */
  readonly where: () => Promise<Venue | null>;
  readonly media: MediaDevices | undefined;
  readonly film: (file: File) => Promise<Film>;
  readonly publish: typeof publish;
  readonly watch: typeof watch;
}

const LOOK_MS = 1_000;

export function broadcastOf(around: Surroundings): Broadcast {
  const phase = signal<PublishPhase | "idle">("idle");
  const rehearsing = signal(false);
  const mirror = signal<MediaStream | null>(null);
  const health = signal<Health | null>(null);
  const refused = signal<Trouble | null>(null);
  let publishing: Publishing | null = null;
  let mirroring: Watching | null = null;
  let looking: ReturnType<typeof setInterval> | undefined;
  const capture = captureOf({ media: around.media, film: around.film, ended: stop });

  function stop(): void {
    const ending = publishing;
    publishing = null;
    ending?.stop();
    ended();
  }

  function ended(): void {
    clearInterval(looking);
    mirroring?.stop();
    mirroring = null;
    phase.value = "idle";
    rehearsing.value = false;
    health.value = null;
  }

  /** Show what the server sends on: there is something as soon as something came in. */
  function reflect({ rehearse, token, iceServers }: Venue): void {
    mirroring?.wake();
    mirroring ??= around.watch({
      url: rehearse.whep,
      token,
      iceServers,
      onStream: (next) => (mirror.value = next),
    });
  }

  return {
    ...capture,
    phase,
    rehearsing,
    mirror,
    health,
    trouble: computed(() => refused.value ?? capture.trouble.value),
    stop,
    async open(source) {
      refused.value = null;
      await capture.open(source);
    },
    async play(file) {
      refused.value = null;
      await capture.play(file);
    },
    async choose(kind, id) {
      const track = await capture.choose(kind, id);
      if (track !== null) await publishing?.replace(track);
    },
    async start(mode) {
      const stream = capture.stream.peek();
      if (stream === null || phase.peek() !== "idle") return;
      refused.value = null;
      phase.value = "connecting";
      const venue = await around.where();
      // It may have been switched off meanwhile.
      if (capture.stream.peek() !== stream) return ended();
      if (venue === null) {
        refused.value = "unavailable";
        return ended();
      }
      const { token, iceServers, rehearse } = venue;
      const rehearsal = mode === "rehearsal";
      rehearsing.value = rehearsal;
      const started = around.publish({
        url: rehearsal ? rehearse.publish : venue.publish,
        token,
        iceServers,
        stream,
        // Nobody else is in a rehearsal: who is there is this host, in another window.
        takeover: mode !== "live",
        detail: capture.source.peek() === "screen",
        onPhase(next) {
          if (next === "closed") return;
          phase.value = next;
          if (next === "on_air" && rehearsal) reflect(venue);
        },
        onRefused(why: CallRefused) {
          publishing = null;
          refused.value = why.code === "already_publishing" ? "taken" : "refused";
          ended();
        },
      });
      publishing = started;
      looking = setInterval(() => {
        void started.health().then((found) => {
          if (publishing === started) health.value = found;
        });
      }, LOOK_MS);
    },
    leave() {
      stop();
      capture.release();
    },
  };
}
