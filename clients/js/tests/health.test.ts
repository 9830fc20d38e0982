/** What a browser's statistics say of a connection. */

import { expect, test } from "vitest";
import { type Health, healthOf, qualityOf } from "../src/health.ts";

const CODEC = { id: "C", type: "codec", mimeType: "video/H264" };
const PAIR = { id: "P", type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.04 };

const SENT = { id: "V", type: "outbound-rtp", kind: "video", codecId: "C", frameWidth: 1280, frameHeight: 720 };
const SEEN = { ...SENT, type: "inbound-rtp" };

test("a publisher knows its bitrate, its pictures and what got lost", () => {
  const far = { id: "F", type: "remote-inbound-rtp", kind: "video", fractionLost: 0.02, roundTripTime: 0.03 };
  const before = { ...SENT, timestamp: 1000, bytesSent: 1_000, framesSent: 10 };
  const now = { ...SENT, timestamp: 3000, bytesSent: 601_000, framesSent: 70, qualityLimitationReason: "cpu" };

  expect(healthOf([CODEC, PAIR, now, far], [before])).toEqual({
    kbit_s: 2400,
    fps: 30,
    width: 1280,
    height: 720,
    codec: "H264",
    loss: 0.02,
    round_trip_ms: 30,
    buffer_ms: null,
    limited: "cpu",
  });
});

test("a viewer knows how long pictures waited", () => {
  const before = {
    ...SEEN,
    timestamp: 0,
    bytesReceived: 0,
    framesDecoded: 0,
    packetsReceived: 0,
    packetsLost: 0,
    jitterBufferDelay: 0,
    jitterBufferEmittedCount: 0,
  };
  const now = {
    ...SEEN,
    timestamp: 1000,
    bytesReceived: 250_000,
    framesDecoded: 25,
    packetsReceived: 190,
    packetsLost: 10,
    jitterBufferDelay: 0.5,
    jitterBufferEmittedCount: 25,
  };

  expect(healthOf([now, CODEC, PAIR], [before])).toMatchObject({
    kbit_s: 2000,
    fps: 25,
    loss: 0.05,
    round_trip_ms: 40,
    buffer_ms: 20,
    limited: "none",
  });
});

test("nothing is said where nothing flows, or nothing was seen before", () => {
  expect(healthOf([CODEC, PAIR], [])).toBeNull();
  expect(healthOf([{ ...SENT, timestamp: 1000 }], [])).toBeNull();
  expect(healthOf([{ ...SENT, timestamp: 1000 }], [{ ...SENT, timestamp: 1000 }])).toBeNull();
});

test.each<[Partial<Health>, string]>([
  [{}, "good"],
  [{ loss: 0.02 }, "fair"],
  [{ limited: "bandwidth" }, "fair"],
  [{ limited: "bandwidth", width: 320, height: 180 }, "poor"],
  [{ loss: 0.06 }, "poor"],
  [{ fps: 5 }, "poor"],
  [{ round_trip_ms: 700 }, "poor"],
])("a connection with %o is %s", (worse, quality) => {
  const fine: Health = {
    kbit_s: 2400,
    fps: 30,
    width: 1280,
    height: 720,
    codec: "H264",
    loss: 0,
    round_trip_ms: 30,
    buffer_ms: null,
    limited: "none",
  };
  expect(qualityOf({ ...fine, ...worse })).toBe(quality);
});
