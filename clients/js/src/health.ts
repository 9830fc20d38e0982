/**
 * How a video connection is doing, from two looks at a browser's statistics (W3C webrtc-stats). Pure.
 */

/** One entry; every browser leaves some of them out. */
type Entry = Readonly<Record<string, unknown>>;

/** What `RTCPeerConnection.getStats()` gives. */
export interface Reports {
  forEach(see: (entry: Entry) => void): void;
}

export interface Health {
  /** Of the picture, between the two looks. */
  readonly kbit_s: number;
  readonly fps: number;
  readonly width: number;
  readonly height: number;
  /** `H264` or `VP8`. */
  readonly codec: string;
  /** Share of the packets that did not arrive, from 0 to 1. */
  readonly loss: number;
  /** To the server and back; `null` until it is known. */
  readonly round_trip_ms: number | null;
  /** How long pictures wait at the viewer; `null` at the publisher. */
  readonly buffer_ms: number | null;
  /** Why the publisher sends less than it could. */
  readonly limited: "none" | "bandwidth" | "cpu" | "other";
}

export type Quality = "good" | "fair" | "poor";

const POOR_LOSS = 0.05;
const FAIR_LOSS = 0.01;
/** Nobody can read a label below it. */
const POOR_HEIGHT = 360;
const POOR_ROUND_TRIP_MS = 600;
const POOR_FPS = 12;

/** Sum up the connection in one word. */
export function qualityOf({ loss, fps, width, height, round_trip_ms, limited }: Health): Quality {
  const small = Math.min(width, height) < POOR_HEIGHT;
  if (loss >= POOR_LOSS || fps < POOR_FPS || (limited !== "none" && small)) return "poor";
  if ((round_trip_ms ?? 0) >= POOR_ROUND_TRIP_MS) return "poor";
  return loss >= FAIR_LOSS || limited !== "none" ? "fair" : "good";
}

/** What happened between two looks; `null` where no picture flows. */
export function healthOf(now: Reports, before: Reports): Health | null {
  const video = find(now, isVideo);
  if (video === null) return null;
  const earlier = find(before, ({ id }) => id === video["id"]);
  const seconds = (number(video, "timestamp") - number(earlier, "timestamp")) / 1000;
  if (earlier === null || seconds <= 0) return null;
  const outgoing = video["type"] === "outbound-rtp";
  const grown = (name: string): number => Math.max(0, number(video, name) - number(earlier, name));
  const far = outgoing ? find(now, isFar) : null;
  const pair = find(now, isPair);
  const seen = grown(outgoing ? "framesSent" : "framesDecoded");
  const packets = grown("packetsReceived") + grown("packetsLost");
  const trip_s = number(far, "roundTripTime") || number(pair, "currentRoundTripTime");
  const waited = grown("jitterBufferEmittedCount");
  const codec = find(now, ({ id }) => id === video["codecId"])?.["mimeType"];
  return {
    kbit_s: (8 * grown(outgoing ? "bytesSent" : "bytesReceived")) / 1000 / seconds,
    fps: seen / seconds,
    width: number(video, "frameWidth"),
    height: number(video, "frameHeight"),
    codec: typeof codec === "string" ? codec.replace("video/", "") : "",
    loss: outgoing ? number(far, "fractionLost") : packets && grown("packetsLost") / packets,
    round_trip_ms: trip_s > 0 ? trip_s * 1000 : null,
    buffer_ms: waited > 0 ? (grown("jitterBufferDelay") / waited) * 1000 : null,
    limited: limitOf(video["qualityLimitationReason"]),
  };
}

function find(reports: Reports, wanted: (entry: Entry) => boolean): Entry | null {
  let found: Entry | null = null;
  reports.forEach((entry) => {
    if (found === null && wanted(entry)) found = entry;
  });
  return found;
}

const isVideo = ({ type, kind }: Entry): boolean =>
  kind === "video" && (type === "outbound-rtp" || type === "inbound-rtp");
const isFar = ({ type, kind }: Entry): boolean => kind === "video" && type === "remote-inbound-rtp";
const isPair = ({ type, nominated, state }: Entry): boolean =>
  type === "candidate-pair" && nominated === true && state === "succeeded";

function number(entry: Entry | null, name: string): number {
  const value = entry?.[name];
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function limitOf(reason: unknown): Health["limited"] {
  return reason === "bandwidth" || reason === "cpu" || reason === "other" ? reason : "none";
}
