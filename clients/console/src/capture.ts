/**
 * What the host shows: a camera, a screen or a file, and which devices there are. Invariant: nothing
 * is captured that nobody sees in the preview.
 */
import { signal, type ReadonlySignal } from "@preact/signals";

export type Source = "camera" | "screen" | "file";

/** Why there is no picture: the browser refused the devices, has none, or cannot play the file. */
export type CaptureTrouble = "denied" | "missing" | "failed" | "unplayable";

export interface Devices {
  readonly videoinput: readonly MediaDeviceInfo[];
  readonly audioinput: readonly MediaDeviceInfo[];
}

/** A file that plays, over and over. */
export interface Film {
  readonly stream: MediaStream;
  close(): void;
}

export interface Capture {
  readonly stream: ReadonlySignal<MediaStream | null>;
  readonly source: ReadonlySignal<Source | null>;
  readonly devices: ReadonlySignal<Devices>;
  readonly trouble: ReadonlySignal<CaptureTrouble | null>;
  open(source: "camera" | "screen"): Promise<void>;
  play(file: File): Promise<void>;
  /** Go on with another camera or microphone; gives the track that is new. */
  choose(kind: keyof Devices, id: string): Promise<MediaStreamTrack | null>;
  release(): void;
}

export interface Surroundings {
  readonly media: MediaDevices | undefined;
  /** Rejected with a `DOMException` if the browser cannot play it. */
  readonly film: (file: File) => Promise<Film>;
  /** What was captured ended, or gives way to something else. */
  readonly ended: () => void;
}

/** What a phone shows; the browser takes the nearest that the camera has. */
const CAMERA: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30, max: 30 },
};

const NO_DEVICES: Devices = { videoinput: [], audioinput: [] };

export function captureOf({ media, film, ended }: Surroundings): Capture {
  const stream = signal<MediaStream | null>(null);
  const source = signal<Source | null>(null);
  const devices = signal(NO_DEVICES);
  const trouble = signal<CaptureTrouble | null>(null);
  let playing: Film | null = null;

  function release(): void {
    for (const track of stream.value?.getTracks() ?? []) track.stop();
    playing?.close();
    playing = null;
    stream.value = null;
    source.value = null;
  }

  function show(next: MediaStream, from: Source): void {
    ended();
    release();
    stream.value = next;
    source.value = from;
    // A screen is also stopped from the browser's own bar.
    next.getVideoTracks()[0]?.addEventListener("ended", () => {
      if (stream.value !== next) return;
      ended();
      release();
    });
  }

  async function list(): Promise<void> {
    const found = (await media?.enumerateDevices()) ?? [];
    devices.value = {
      videoinput: found.filter(({ kind }) => kind === "videoinput"),
      audioinput: found.filter(({ kind }) => kind === "audioinput"),
    };
  }

  return {
    stream,
    source,
    devices,
    trouble,
    release,
    async open(wanted) {
      if (media === undefined) return void (trouble.value = "missing");
      trouble.value = null;
      try {
        const next =
          wanted === "camera"
            ? await media.getUserMedia({ video: CAMERA, audio: true })
            : await media.getDisplayMedia({ video: { frameRate: 30 }, audio: true });
        show(next, wanted);
        await list();
      } catch (error) {
        trouble.value = troubleOf(error);
      }
    },
    async play(file) {
      trouble.value = null;
      try {
        const next = await film(file);
        show(next.stream, "file");
        playing = next;
      } catch (error) {
        if (!(error instanceof DOMException)) throw error;
        trouble.value = "unplayable";
      }
    },
    async choose(kind, id) {
      const before = stream.value;
      if (before === null || media === undefined) return null;
      const exact = { deviceId: { exact: id } };
      try {
        const fresh = await media.getUserMedia(
          kind === "videoinput" ? { video: { ...CAMERA, ...exact } } : { audio: exact },
        );
        const [track] = fresh.getTracks();
        if (track === undefined) return null;
        const kept = before.getTracks().filter((each) => each.kind !== track.kind);
        for (const each of before.getTracks()) if (each.kind === track.kind) each.stop();
        stream.value = new MediaStream([...kept, track]);
        return track;
      } catch (error) {
        trouble.value = troubleOf(error);
        return null;
      }
    },
  };
}

function troubleOf(error: unknown): CaptureTrouble {
  if (!(error instanceof DOMException)) throw error;
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return "denied";
  return error.name === "NotFoundError" ? "missing" : "failed";
}
