/**
 * An in-process server for one client: it hands the client a transport and writes down what
 * arrives. It can drop, stay silent and answer late; time passes only when a test says so.
 */

import type { ClientMessage, Joined, ServerMessage } from "../src/messages.ts";
import type { Connect, Listener } from "../src/transport.ts";

export class FakeServer {
  /** What the client sent, by connection. */
  readonly connections: ClientMessage[][] = [];
  readonly closes: number[] = [];
  #listener: Listener | null = null;

  readonly connect: Connect = (_url, listener) => {
    this.#listener = listener;
    const heard: ClientMessage[] = [];
    this.connections.push(heard);
    return {
      send: (frame) => void heard.push(JSON.parse(frame) as ClientMessage),
      close: (code) => void this.closes.push(code),
    };
  };

  /** What the client sent on its latest connection, pings left out. */
  get heard(): readonly ClientMessage[] {
    return (this.connections.at(-1) ?? []).filter(({ type }) => type !== "ping");
  }

  open(): void {
    this.#listener?.opened();
  }

  say(...messages: readonly ServerMessage[]): void {
    this.#listener?.received(JSON.stringify(messages));
  }

  drop(code: number): void {
    this.#listener?.closed(code, "");
  }

  /** Open, and let the client in. */
  admit(joined: Partial<Joined> = {}): void {
    this.open();
    this.say({ ...JOINED, ...joined });
  }
}

export const JOINED: Joined = {
  type: "joined",
  room: "tea-time",
  you: { id: "acc_1", name: "Ada", role: "viewer" },
  epoch: "b7f3",
  offset: 42,
  at: 1_000_000,
  chat: [],
  snapshot: {
    show: { id: "tea-time", title: "Tea time", host: "acc_h", host_name: "Mo", state: "live" },
    offers: [],
    viewers: 1,
    likes: 0,
  },
};
