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

const SUBPROTOCOL = "liveshop.v1";

export const webSocket: Connect = (url, listener) => {
  const socket = new WebSocket(url, SUBPROTOCOL);
  socket.onopen = () => listener.opened();
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") listener.received(data);
  };
  socket.onclose = ({ code, reason }) => listener.closed(code, reason);
  return {
    send(frame) {
      if (socket.readyState === WebSocket.OPEN) socket.send(frame);
    },
    close(code, reason) {
      socket.close(code, reason);
    },
  };
};
