/**
 * One call over WHIP or WHEP: an offer by HTTP, an answer back, and an end. Whoever keeps a call
 * alive (`publish`, `watch`) makes a new one when this one is lost.
 *
 * The server is an ICE lite agent that needs no candidates: it is called, and answers where it was
 * called from. So the offer goes out before gathering is over.
 */

/** From the offer to a picture; a browser on a bad network takes two seconds. */
export const CONNECT_MS = 10_000;

/** A short loss of the network mends itself; a longer one is quicker mended by a new call. */
export const MENDS_MS = 3_000;

/** Why a call could not be made. `status` is HTTP's, or 0 when no answer came. */
export class CallRefused extends Error {
  override readonly name = "CallRefused";
  readonly status: number;
  readonly code: string;
  readonly retry_after_ms: number;

  constructor(status: number, code: string, detail: string, retry_after_ms = 0) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retry_after_ms = retry_after_ms;
  }

  /** Whether asking again can help: the server is away or full, or nobody is on air. */
  get passing(): boolean {
    return this.status === 0 || this.status === 409 || this.status >= 500;
  }
}

/** How a connection was lost: the other side ended it, or the network did. */
export type Loss = "ended" | "network";

export interface Call {
  /** Settles, once, when the call is over by itself. */
  readonly lost: Promise<Loss>;
  /** End it, and tell the server; idempotent. */
  end(): void;
}

/**
 * Offer `peer`'s media at `url`, and return once the two sides are connected.
 *
 * Rejects with `CallRefused`; then `peer` is closed.
 */
export async function call(
  peer: RTCPeerConnection,
  url: string,
  token: string | null,
  munge: (sdp: string) => string = (sdp) => sdp,
): Promise<Call> {
  let session: string | null = null;
  const headers: Record<string, string> = { "Content-Type": "application/sdp" };
  if (token !== null) headers["Authorization"] = `Bearer ${token}`;
  const end = (): void => {
    peer.close();
    if (session === null) return;
    // `keepalive`: the page may be going away.
    fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
    session = null;
  };
  try {
    await peer.setLocalDescription(await peer.createOffer());
    const body = munge(peer.localDescription?.sdp ?? "");
    const response = await fetch(url, { method: "POST", headers, body }).catch(() => null);
    if (response === null) throw new CallRefused(0, "unreachable", "the server does not answer");
    if (response.status !== 201) throw await refusal(response);
    session = new URL(response.headers.get("Location") ?? "", response.url).href;
    await peer.setRemoteDescription({ type: "answer", sdp: await response.text() });
    await connected(peer);
  } catch (error) {
    end();
    throw error;
  }
  return { lost: loss(peer), end };
}

async function refusal(response: Response): Promise<CallRefused> {
  const problem: unknown = await response.json().catch(() => null);
  const said = typeof problem === "object" && problem !== null ? problem : {};
  const code = "code" in said ? String(said.code) : "unexpected";
  const detail = "detail" in said ? String(said.detail) : `the server answered ${response.status}`;
  const seconds = Number(response.headers.get("Retry-After") ?? 0);
  return new CallRefused(response.status, code, detail, Number.isFinite(seconds) ? seconds * 1000 : 0);
}

function connected(peer: RTCPeerConnection): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => settle("the connection took too long"), CONNECT_MS);
    const settle = (why: string | null): void => {
      clearTimeout(late);
      peer.removeEventListener("connectionstatechange", look);
      if (why === null) resolve();
      else reject(new CallRefused(0, "not_connected", why));
    };
    const look = (): void => {
      if (peer.connectionState === "connected") settle(null);
      if (peer.connectionState === "failed") settle("the connection was not let through");
      if (peer.connectionState === "closed") settle("the call was ended");
    };
    peer.addEventListener("connectionstatechange", look);
    look();
  });
}

function loss(peer: RTCPeerConnection): Promise<Loss> {
  return new Promise((resolve) => {
    let mending: ReturnType<typeof setTimeout> | undefined;
    const look = (): void => {
      clearTimeout(mending);
      if (peer.connectionState === "disconnected") {
        mending = setTimeout(() => resolve("network"), MENDS_MS);
      }
      if (peer.connectionState === "failed") resolve(ended(peer) ? "ended" : "network");
      if (peer.connectionState === "closed" || ended(peer)) resolve("ended");
    };
    peer.addEventListener("connectionstatechange", look);
    for (const transport of transports(peer)) transport.addEventListener("statechange", look);
    look();
  });
}

/** Whether the other side said goodbye. */
function ended(peer: RTCPeerConnection): boolean {
  return transports(peer).some(({ state }) => state === "closed");
}

function transports(peer: RTCPeerConnection): readonly RTCDtlsTransport[] {
  const found = [...peer.getSenders(), ...peer.getReceivers()].map(({ transport }) => transport);
  return [...new Set(found)].filter((each) => each !== null);
}
