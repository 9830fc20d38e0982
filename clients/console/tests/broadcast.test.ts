/** The host's way on air, with devices and connections that are made up. */

import type { CallRefused, Health, PublishOptions, WatchOptions } from "@liveshop/client/video";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { broadcastOf, type Venue } from "../src/broadcast.ts";

class FakeTrack extends EventTarget {
  stopped = false;
  constructor(readonly kind: string) {
    super();
  }
  stop(): void {
    this.stopped = true;
  }
}

class FakeStream {
  constructor(readonly tracks: FakeTrack[] = [new FakeTrack("audio"), new FakeTrack("video")]) {}
  getTracks = (): FakeTrack[] => this.tracks;
  getVideoTracks = (): FakeTrack[] => this.tracks.filter(({ kind }) => kind === "video");
}

const VENUE: Venue = {
  token: "host",
  publish: "/whip/tea",
  rehearse: { publish: "/whip/tea?rehearsal=true", whep: "/whep/tea?rehearsal=true" },
  iceServers: [],
};

const HEALTH = { kbit_s: 2400 } as Health;

function studio(venue: Venue | null = VENUE) {
  const published: PublishOptions[] = [];
  const watched: WatchOptions[] = [];
  const stopped: string[] = [];
  const closed: string[] = [];
  const broadcast = broadcastOf({
    where: async () => venue,
    media: {
      getUserMedia: async () => new FakeStream(),
      enumerateDevices: async () => [],
    } as unknown as MediaDevices,
    film: async (file) => {
      if (file.name === "notes.txt") throw new DOMException("no", "NotSupportedError");
      return { stream: new FakeStream() as unknown as MediaStream, close: () => closed.push(file.name) };
    },
    publish: (options) => {
      published.push(options);
      return {
        phase: "connecting",
        replace: async () => {},
        health: async () => HEALTH,
        wake: () => {},
        stop: () => stopped.push(options.url),
      };
    },
    watch: (options) => {
      watched.push(options);
      return {
        phase: "connecting",
        health: async () => null,
        wake: () => {},
        stop: () => {
          stopped.push(options.url);
          options.onStream(null);
        },
      };
    },
  });
  return { broadcast, published, watched, stopped, closed };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("on air", () => {
  test("the show is published, and its connection is looked at", async () => {
    const { broadcast, published, watched } = studio();
    await broadcast.open("camera");
    await broadcast.start("live");
    published[0]?.onPhase?.("on_air");
    await vi.advanceTimersByTimeAsync(1_000);

    expect(published[0]).toMatchObject({ url: "/whip/tea", token: "host", takeover: false });
    expect(watched).toEqual([]);
    expect(broadcast.phase.value).toBe("on_air");
    expect(broadcast.health.value).toBe(HEALTH);
  });

  test("who is already there is said, and nothing goes on", async () => {
    const { broadcast, published } = studio();
    await broadcast.open("camera");
    await broadcast.start("live");
    published[0]?.onRefused?.({ code: "already_publishing" } as CallRefused);

    expect(broadcast.trouble.value).toBe("taken");
    expect(broadcast.phase.value).toBe("idle");
    await broadcast.start("takeover");
    expect(published[1]?.takeover).toBe(true);
    expect(broadcast.trouble.value).toBeNull();
  });

  test("without video in the shop nothing is published", async () => {
    const { broadcast, published } = studio(null);
    await broadcast.open("camera");
    await broadcast.start("live");

    expect(published).toEqual([]);
    expect([broadcast.trouble.value, broadcast.phase.value]).toEqual(["unavailable", "idle"]);
  });
});

describe("a rehearsal", () => {
  test("is published elsewhere, and comes back to the host", async () => {
    const { broadcast, published, watched, stopped } = studio();
    await broadcast.open("camera");
    await broadcast.start("rehearsal");
    expect(watched).toEqual([]);
    published[0]?.onPhase?.("on_air");
    const back = new FakeStream() as unknown as MediaStream;
    watched[0]?.onStream(back);

    expect(published[0]?.url).toBe("/whip/tea?rehearsal=true");
    expect(watched[0]).toMatchObject({ url: "/whep/tea?rehearsal=true", token: "host" });
    expect(broadcast.rehearsing.value).toBe(true);
    expect(broadcast.mirror.value).toBe(back);

    broadcast.stop();
    expect(stopped).toEqual(["/whip/tea?rehearsal=true", "/whep/tea?rehearsal=true"]);
    expect(broadcast.rehearsing.value).toBe(false);
    expect(broadcast.mirror.value).toBeNull();
  });
});

describe("a file", () => {
  test("takes the place of the camera, and is closed with it", async () => {
    const { broadcast, closed } = studio();
    await broadcast.open("camera");
    const camera = broadcast.stream.value as unknown as FakeStream;
    await broadcast.play(new File([], "teapot.mp4"));

    expect(broadcast.source.value).toBe("file");
    expect(camera.tracks.map(({ stopped }) => stopped)).toEqual([true, true]);
    broadcast.leave();
    expect(closed).toEqual(["teapot.mp4"]);
    expect(broadcast.stream.value).toBeNull();
  });

  test("that the browser cannot play leaves the camera as it was", async () => {
    const { broadcast } = studio();
    await broadcast.open("camera");
    await broadcast.play(new File([], "notes.txt"));

    expect(broadcast.trouble.value).toBe("unplayable");
    expect(broadcast.source.value).toBe("camera");
  });
});

test("a screen that was stopped from the browser's bar goes off air", async () => {
  const { broadcast, stopped } = studio();
  await broadcast.open("camera");
  await broadcast.start("live");
  (broadcast.stream.value as unknown as FakeStream).tracks[1]?.dispatchEvent(new Event("ended"));

  expect(stopped).toEqual(["/whip/tea"]);
  expect(broadcast.stream.value).toBeNull();
});
