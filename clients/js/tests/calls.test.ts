/** Publishing and watching, on a browser's connections and a server that are made up. */

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { publish, type PublishPhase, watch, type WatchPhase } from "../src/video.ts";

class FakePeer {
  static made: FakePeer[] = [];
  connectionState = "new";
  localDescription: { sdp: string } | null = null;
  readonly transport = { state: "new", addEventListener: (_: string, on: () => void) => this.listeners.add(on) };
  readonly senders: { track: { kind: string }; transport: unknown; replaceTrack: (track: unknown) => Promise<void> }[] = [];
  readonly listeners = new Set<() => void>();

  constructor(readonly configuration: { readonly iceServers?: readonly object[] }) {
    FakePeer.made.push(this);
  }

  addTransceiver(track: { kind: string } | string) {
    const sender = {
      track: typeof track === "string" ? { kind: track } : track,
      transport: this.transport,
      getParameters: () => ({}),
      setParameters: async () => {},
      replaceTrack: async (next: unknown) => void (sender.track = next as { kind: string }),
    };
    this.senders.push(sender);
    return { sender, receiver: { track: sender.track, transport: this.transport } };
  }

  getSenders() {
    return this.senders;
  }

  getReceivers() {
    return [];
  }

  async createOffer() {
    return { type: "offer", sdp: OFFER };
  }

  async setLocalDescription({ sdp }: { sdp: string }) {
    this.localDescription = { sdp };
  }

  async setRemoteDescription() {
    this.become("connected");
  }

  addEventListener(_: string, on: () => void) {
    this.listeners.add(on);
  }

  removeEventListener(_: string, on: () => void) {
    this.listeners.delete(on);
  }

  become(state: string, transport = "connected") {
    this.connectionState = state;
    this.transport.state = transport;
    for (const on of this.listeners) on();
  }

  close() {
    this.connectionState = "closed";
  }
}

const OFFER = "v=0\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n";

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly body: string | undefined;
  readonly token: string | undefined;
}

let asked: Asked[];
let answers: Response[];

function created(): Response {
  const response = new Response("v=0\r\n", { status: 201, headers: { Location: "/session/1" } });
  Object.defineProperty(response, "url", { value: "https://shop.example/whep/tea" });
  return response;
}

function refused(status: number, code: string, retryAfter = "0"): Response {
  const headers = { "Retry-After": retryAfter };
  return Response.json({ code, detail: "no" }, { status, headers });
}

async function settle(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

beforeEach(() => {
  vi.useFakeTimers();
  FakePeer.made = [];
  [asked, answers] = [[], []];
  vi.stubGlobal("RTCPeerConnection", FakePeer);
  vi.stubGlobal("MediaStream", class { addTrack() {} });
  vi.stubGlobal("fetch", async (url: string, init: RequestInit & { headers?: Record<string, string> }) => {
    const { method = "GET", body, headers } = init;
    asked.push({ method, url, body: body as string | undefined, token: headers?.["Authorization"] });
    if (method === "DELETE") return new Response(null);
    const answer = answers.shift();
    if (answer === undefined) throw new TypeError("no network");
    return answer;
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("watch", () => {
  const start = () => {
    const phases: WatchPhase[] = [];
    const streams: boolean[] = [];
    const codes: string[] = [];
    const watching = watch({
      url: "/whep/tea",
      onStream: (stream) => streams.push(stream !== null),
      onPhase: (phase) => phases.push(phase),
      onRefused: ({ code }) => codes.push(code),
      random: () => 0,
    });
    return { watching, phases, streams, codes };
  };

  test("a stream comes, and stopping tells the server", async () => {
    answers = [created()];
    const { watching, phases, streams } = start();
    await settle();
    watching.stop();

    expect(phases).toEqual(["playing", "closed"]);
    expect(streams).toEqual([true, false]);
    expect(asked[0]?.body).toContain("a=fmtp:111 minptime=10;stereo=1\r\n");
    expect(asked[1]).toMatchObject({ method: "DELETE", url: "https://shop.example/session/1" });
  });

  test("servers that help to connect are known before the offer is made", async () => {
    answers = [created()];
    const iceServers = [{ urls: "turn:turn.example", username: "mei", credential: "secret" }];
    watch({ url: "/whep/tea", iceServers, onStream: () => {} });
    await settle();

    expect(FakePeer.made[0]?.configuration.iceServers).toEqual(iceServers);
  });

  test("stopping in the middle of a call leaves nothing behind", async () => {
    answers = [created()];
    const { watching, phases } = start();
    watching.stop();
    await settle();

    expect(phases).toEqual(["closed"]);
    expect(FakePeer.made.map(({ connectionState }) => connectionState)).toEqual(["closed"]);
    expect(asked.at(-1)?.method).toBe("DELETE");
  });

  test("a server that dies is called again after a wait", async () => {
    answers = [created(), created()];
    const { phases } = start();
    await settle();
    FakePeer.made[0]?.become("connected", "closed");
    await settle();
    expect(phases).toEqual(["playing", "waiting"]);
    await vi.advanceTimersByTimeAsync(500);

    expect(phases).toEqual(["playing", "waiting", "connecting", "playing"]);
  });

  test("a network that mends in time is not a loss", async () => {
    answers = [created()];
    const { phases } = start();
    await settle();
    FakePeer.made[0]?.become("disconnected");
    await vi.advanceTimersByTimeAsync(2_900);
    FakePeer.made[0]?.become("connected");
    await vi.advanceTimersByTimeAsync(10_000);

    expect(phases).toEqual(["playing"]);
  });

  test("whoever is told when to come back waits that long", async () => {
    answers = [refused(503, "media_full", "10"), created()];
    const { phases } = start();
    await vi.advanceTimersByTimeAsync(9_900);
    expect(phases).toEqual(["waiting"]);
    await vi.advanceTimersByTimeAsync(200);

    expect(phases).toEqual(["waiting", "connecting", "playing"]);
  });

  test("what asking again cannot change is told, once", async () => {
    answers = [refused(404, "unknown_show")];
    const { phases, codes } = start();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(phases).toEqual(["closed"]);
    expect(codes).toEqual(["unknown_show"]);
    expect(asked).toHaveLength(1);
  });
});

describe("publish", () => {
  const start = (takeover = false) => {
    const phases: PublishPhase[] = [];
    const codes: string[] = [];
    const tracks = [{ kind: "audio" }, { kind: "video" }];
    const publishing = publish({
      url: "/whip/tea",
      token: "host",
      stream: { getTracks: () => tracks } as unknown as MediaStream,
      takeover,
      onPhase: (phase) => phases.push(phase),
      onRefused: ({ code }) => codes.push(code),
      random: () => 0,
    });
    return { publishing, phases, codes };
  };

  test("it asks with the host's token, and takes over only when told to", async () => {
    answers = [created()];
    start();
    await settle();
    expect(asked[0]).toMatchObject({ url: "/whip/tea", token: "Bearer host" });

    answers = [created()];
    start(true);
    await settle();
    expect(asked[1]?.url).toBe("/whip/tea?takeover=true");
  });

  test("after a lost network it replaces itself", async () => {
    answers = [created(), created()];
    const { phases } = start();
    await settle();
    FakePeer.made[0]?.become("failed");
    await vi.advanceTimersByTimeAsync(500);

    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "POST /whip/tea",
      "DELETE https://shop.example/session/1",
      "POST /whip/tea?takeover=true",
    ]);
    expect(phases).toEqual(["on_air", "waiting", "connecting", "on_air"]);
  });

  test("after a goodbye it does not drive out whoever is there now", async () => {
    answers = [created(), refused(409, "already_publishing")];
    const { phases, codes } = start(true);
    await settle();
    FakePeer.made[0]?.become("connected", "closed");
    await vi.advanceTimersByTimeAsync(60_000);

    expect(asked.at(-1)?.url).toBe("/whip/tea");
    expect(codes).toEqual(["already_publishing"]);
    expect(phases.at(-1)).toBe("closed");
  });

  test("another camera goes on without a new call", async () => {
    answers = [created()];
    const { publishing } = start();
    await settle();
    const other = { kind: "video" } as MediaStreamTrack;
    await publishing.replace(other);

    expect(FakePeer.made[0]?.senders[1]?.track).toBe(other);
    expect(asked).toHaveLength(1);
  });
});
