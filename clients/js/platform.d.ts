/** All that the SDK uses of its surroundings: browsers, workers, Node and Deno have it. */

declare function setTimeout(callback: () => void, delay_ms: number): number;
declare function clearTimeout(timer: number | undefined): void;

declare const crypto: { getRandomValues<T extends Uint8Array>(array: T): T };

declare class WebSocket {
  static readonly OPEN: number;
  constructor(url: string, protocols?: string);
  readonly readyState: number;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** What video needs; outside browsers, `publish` and `watch` cannot be used. */

declare function fetch(
  url: string,
  init: { method: string; headers?: Record<string, string>; body?: string; keepalive?: boolean },
): Promise<Response>;

interface Response {
  readonly status: number;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
  json(): Promise<unknown>;
}

declare class URL {
  constructor(url: string, base: string);
  readonly href: string;
}

interface MediaStreamTrack {
  readonly kind: string;
  contentHint: string;
}

declare class MediaStream {
  getTracks(): MediaStreamTrack[];
  addTrack(track: MediaStreamTrack): void;
}

interface RTCDtlsTransport {
  readonly state: string;
  addEventListener(type: "statechange", listener: () => void): void;
}

interface RTCRtpSendParameters {
  degradationPreference?: string;
}

interface RTCRtpSender {
  readonly track: MediaStreamTrack | null;
  readonly transport: RTCDtlsTransport | null;
  replaceTrack(track: MediaStreamTrack): Promise<void>;
  getParameters(): RTCRtpSendParameters;
  setParameters(parameters: RTCRtpSendParameters): Promise<void>;
}

interface RTCRtpReceiver {
  readonly track: MediaStreamTrack;
  readonly transport: RTCDtlsTransport | null;
  jitterBufferTarget?: number | null;
}

interface RTCSessionDescriptionInit {
  readonly type: "offer" | "answer";
  readonly sdp?: string;
}

declare class RTCPeerConnection {
  constructor(configuration: {
    bundlePolicy: "max-bundle";
    iceServers: { urls: string; username?: string; credential?: string }[];
  });
  readonly connectionState: string;
  readonly localDescription: { readonly sdp: string } | null;
  addTransceiver(
    track: MediaStreamTrack | string,
    init: {
      direction: "sendonly" | "recvonly";
      streams?: MediaStream[];
      sendEncodings?: { maxBitrate?: number }[];
    },
  ): { readonly sender: RTCRtpSender; readonly receiver: RTCRtpReceiver };
  getStats(): Promise<{ forEach(see: (entry: Readonly<Record<string, unknown>>) => void): void }>;
  getSenders(): RTCRtpSender[];
  getReceivers(): RTCRtpReceiver[];
  createOffer(): Promise<RTCSessionDescriptionInit>;
  setLocalDescription(description: RTCSessionDescriptionInit): Promise<void>;
  setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void>;
  addEventListener(type: "connectionstatechange", listener: () => void): void;
  removeEventListener(type: "connectionstatechange", listener: () => void): void;
  close(): void;
}
