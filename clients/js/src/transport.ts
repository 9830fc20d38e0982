/** One connection that carries text frames. Nothing here knows what they mean. */

export interface Transport {
  /** Send a frame; quietly nothing when the connection is not open. */
  send(frame: string): void;
  close(code: number, reason: string): void;
}

export interface Listener {
  opened(): void;
  received(frame: string): void;
  /** Called once, last, also when the connection never opened. */
  closed(code: number, reason: string): void;
}

export type Connect = (url: string, listener: Listener) => Transport;

/** What is used of a browser's `WebSocket`; every library's class has it. */
export interface Socket {
  readonly readyState: number;
  onopen: Handler<never>;
  onmessage: Handler<{ readonly data: unknown }>;
  onclose: Handler<{ readonly code: number; readonly reason: string }>;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** A method's parameter: each library has a class of its own for its events. */
type Handler<Event> = { handle(event: Event): void }["handle"] | null;

const SUBPROTOCOL = "liveshop.v1";

/** `readyState` of a connection that is open (WHATWG WebSockets, section 3.1). */
const OPEN = 1;

/** Connect with this class, where there is no `WebSocket` of one's own: Node before 22. */
export function over(socketClass: new (url: string, protocols: string) => Socket): Connect {
  return (url, listener) => {
    const socket = new socketClass(url, SUBPROTOCOL);
    socket.onopen = () => listener.opened();
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") listener.received(data);
    };
    socket.onclose = ({ code, reason }) => listener.closed(code, reason);
    return {
      send(frame) {
        if (socket.readyState === OPEN) socket.send(frame);
      },
      close(code, reason) {
        socket.close(code, reason);
      },
    };
  };
}

export const webSocket: Connect = (url, listener) => over(WebSocket)(url, listener);
