/**
 * The host's camera or screen, and its way on air. Views read the signals and call it; they see
 * neither a device nor a connection. Invariant: nothing is captured that nobody sees in the preview.
 */
import { publish, type CallRefused, type Publishing, type PublishPhase } from "@liveshop/client";
import { signal, type ReadonlySignal } from "@preact/signals";

export type Source = "camera" | "screen";

/** Why there is no picture: the browser refused the devices, or has none. */
export type Trouble = "denied" | "missing" | "failed" | "unavailable" | "taken" | "refused";

export interface Devices {
  readonly videoinput: readonly MediaDeviceInfo[];
  readonly audioinput: readonly MediaDeviceInfo[];
}

export interface Broadcast {
  /** What is captured, before it is on air and while it is. */
  readonly stream: ReadonlySignal<MediaStream | null>;
  readonly source: ReadonlySignal<Source | null>;
  readonly phase: ReadonlySignal<PublishPhase | "idle">;
  readonly devices: ReadonlySignal<Devices>;
  readonly trouble: ReadonlySignal<Trouble | null>;
  capture(source: Source): Promise<void>;
  /** Go on with another camera or microphone. */
  choose(kind: keyof Devices, id: string): Promise<void>;
  start(takeover: boolean): Promise<void>;
  /** Off air; the preview stays. */
  stop(): void;
  /** Off air, and every device is released. */
  leave(): void;
}

export interface Surroundings {
  /** Where to publish, and as whom; null if this shop has no video. */
  readonly where: () => Promise<{ url: string; token: string } | null>;
  readonly media: MediaDevices | undefined;
  readonly publish: typeof publish;
}

/** What a phone shows; the browser takes the nearest that the camera has. */
const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};

const NO_DEVICES: Devices = { videoinput: [], audioinput: [] };

export function broadcastOf(around: Surroundings): Broadcast {
  const stream = signal<MediaStream | null>(null);
  const source = signal<Source | null>(null);
  const phase = signal<PublishPhase | "idle">("idle");
  const devices = signal(NO_DEVICES);
  const trouble = signal<Trouble | null>(null);
  let publishing: Publishing | null = null;

  function release(): void {
    for (const track of stream.value?.getTracks() ?? []) track.stop();
    stream.value = null;
    source.value = null;
  }

  function stop(): void {
    publishing?.stop();
    publishing = null;
    phase.value = "idle";
  }

  async function list(): Promise<void> {
    const found = (await around.media?.enumerateDevices()) ?? [];
    devices.value = {
      videoinput: found.filter(({ kind }) => kind === "videoinput"),
      audioinput: found.filter(({ kind }) => kind === "audioinput"),
    };
  }

  async function capture(wanted: Source): Promise<void> {
    if (around.media === undefined) return void (trouble.value = "missing");
    trouble.value = null;
    try {
      const next =
        wanted === "camera"
          ? await around.media.getUserMedia({ video: CAMERA, audio: true })
          : await around.media.getDisplayMedia({ video: { frameRate: 30 }, audio: true });
      stop();
      release();
      stream.value = next;
      source.value = wanted;
      // A screen is also stopped from the browser's own bar.
      next.getVideoTracks()[0]?.addEventListener("ended", () => {
        if (stream.value !== next) return;
        stop();
        release();
      });
      await list();
    } catch (error) {
      trouble.value = troubleOf(error);
    }
  }

  return {
    stream,
    source,
    phase,
    devices,
    trouble,
    capture,
    stop,
    async choose(kind, id) {
      const before = stream.value;
      if (before === null || around.media === undefined) return;
      const exact = { deviceId: { exact: id } };
      try {
        const fresh = await around.media.getUserMedia(
          kind === "videoinput" ? { video: { ...CAMERA, ...exact } } : { audio: exact },
        );
        const [track] = fresh.getTracks();
        if (track === undefined) return;
        const kept = before.getTracks().filter((each) => each.kind !== track.kind);
        for (const each of before.getTracks()) if (each.kind === track.kind) each.stop();
        stream.value = new MediaStream([...kept, track]);
        await publishing?.replace(track);
      } catch (error) {
        trouble.value = troubleOf(error);
      }
    },
    async start(takeover) {
      const captured = stream.value;
      if (captured === null || publishing !== null) return;
      trouble.value = null;
      phase.value = "connecting";
      const where = await around.where();
      if (where === null) {
        phase.value = "idle";
        return void (trouble.value = "unavailable");
      }
      publishing = around.publish({
        ...where,
        stream: captured,
        takeover,
        detail: source.value === "screen",
        onPhase: (next) => (phase.value = next === "closed" ? "idle" : next),
        onRefused: (why: CallRefused) => {
          publishing = null;
          trouble.value = why.code === "already_publishing" ? "taken" : "refused";
        },
      });
    },
    leave() {
      stop();
      release();
    },
  };
}

function troubleOf(error: unknown): Trouble {
  if (!(error instanceof DOMException)) throw error;
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  return error.name === "NotFoundError" ? "missing" : "failed";
}
