/**
 * The way in: `enter(options)` joins a room and keeps it joined, through lost connections and
 * restarted servers, until `leave()`.
 *
 * Listeners are called after a whole frame was applied, and never for what changed nothing.
 */

import { backoff } from "./backoff.ts";
import { mentionsIn, quoteOf } from "./chat.ts";
import * as clocks from "./clock.ts";
import { RoomError, Refusal } from "./errors.ts";
import { uniqueId } from "./ids.ts";
import type {
  Admitted,
  Entered,
  ErrorMessage,
  Mention,
  Reserved,
  Say,
  Sender,
  ServerMessage,
  Waiting,
} from "./messages.ts";
import * as sessions from "./session.ts";
import { applied, type Change, empty, type RoomState } from "./state.ts";
import { type Connect, type Transport, webSocket } from "./transport.ts";

/** How long a chat line or a reservation may go unanswered, reconnects included. */
export const ANSWER_WITHIN_MS = 30_000;

export interface RoomOptions {
  /** The socket's address, such as `wss://shop.example/ws`. */
  readonly url: string;
  /** The show's id. */
  readonly room: string;
  /** Who is coming; without one, someone who only watches. */
  readonly token?: string | null;
  /** A random name that this browser keeps; a moderator's ban may hold it. */
  readonly device?: string | null;
  readonly connect?: Connect;
  readonly random?: () => number;
  readonly now?: () => number;
}

export interface RoomEvents {
  state: RoomState;
  phase: sessions.Phase;
  /** The server's clock is known better now: what to add to the local one, in ms. */
  clock: number;
  message: ServerMessage;
  /** The room does not let you in, or let you go; `authenticate()` tries again. */
  closed: RoomError;
}

type Listeners = { [Name in keyof RoomEvents]: Set<(value: RoomEvents[Name]) => void> };

/** What a line is about, beside its text. */
export interface Saying {
  /** The id of the line that it answers. */
  readonly reply_to?: string | undefined;
  /** Who is meant by a name that several have; whom else the text calls, the room knows. */
  readonly mentions?: readonly Mention[];
}

export interface Room {
  readonly state: RoomState;
  readonly phase: sessions.Phase;
  /** The server's time now, in Unix ms. */
  serverNow(): number;
  /** Listen; the answer stops it. */
  on<Name extends keyof RoomEvents>(
    name: Name,
    listener: (value: RoomEvents[Name]) => void,
  ): () => void;
  /** Say a line. Shown at once; taken back, and rejected with a `RoomError`, when refused. */
  say(text: string, saying?: Saying): Promise<void>;
  /** Like what is on screen; not answered, and lost while there is no connection. */
  like(count: number): void;
  /** Say that an offer was opened, for the host's figures; not answered. */
  click(offer: string): void;
  /**
   * Try for units of an offer. A reconnect sends the same try again, so it happens at most once.
   * Rejected with a `Refusal` when the gate says no, a `RoomError` when nothing is known.
   */
  reserve(offer: string, quantity?: number): Promise<Reserved>;
  /**
   * Wait in line for what comes back of a sold-out offer; again, it says where you stand now. Your
   * turn is a `reserved`, here or later. Rejected as `reserve` is.
   */
  wait(offer: string, quantity?: number): Promise<Waiting | Reserved>;
  /**
   * Enter the queue of an offer, or hear where you stand in it. Your turn is an `admitted`, here or
   * later, and `reserve` brings the admission by itself. Rejected as `reserve` is.
   */
  enter(offer: string): Promise<Entered | Admitted>;
  /** Wait no more. */
  unwait(offer: string): Promise<void>;
  /**
   * The network or the person is back: try now rather than when the wait is over, and come in anew if
   * nothing was heard for as long as only a device that slept hears nothing.
   */
  wake(): void;
  /** Come back as someone else, or (`null`) as nobody. What is unanswered is asked again. */
  authenticate(token: string | null): void;
  leave(): void;
}

export function enter(options: RoomOptions): Room {
  const { url, room, connect = webSocket, random = Math.random, now = Date.now } = options;
  const listeners: Listeners = {
    state: new Set(),
    phase: new Set(),
    clock: new Set(),
    message: new Set(),
    closed: new Set(),
  };
  const timers = new Map<sessions.Timer, ReturnType<typeof setTimeout>>();
  const waiting = new Map<string, (answer: sessions.Answer) => void>();
  let state = empty;
  let clock = clocks.unset;
  let transport: Transport | null = null;
  let heard_at = now();
  let [session, beginning] = sessions.begin(
    room,
    options.token ?? null,
    options.device ?? null,
  );

  function emit<Name extends keyof RoomEvents>(name: Name, value: RoomEvents[Name]): void {
    for (const listener of [...listeners[name]]) listener(value);
  }

  function change(next: Change): void {
    state = applied(state, next);
  }

  /** Feed the session, then tell the listeners what is different. */
  function feed(...inputs: readonly sessions.Input[]): void {
    const [before, phase] = [state, session.phase];
    for (const input of inputs) {
      const [next, effects] = sessions.advance(session, input);
      session = next;
      effects.forEach(carryOut);
    }
    if (state !== before) emit("state", state);
    if (session.phase === phase) return;
    emit("phase", session.phase);
    if (session.phase === "closed" && session.trouble) {
      emit("closed", new RoomError(session.trouble));
    }
  }

  function carryOut(effect: sessions.Effect): void {
    switch (effect.do) {
      case "connect":
        return open();
      case "disconnect":
        transport?.close(effect.code, effect.reason);
        transport = null;
        return;
      case "send":
        return transport?.send(JSON.stringify(effect.message));
      case "ping":
        return transport?.send(JSON.stringify({ type: "ping", id: effect.id, at: now() }));
      case "wait":
        return wait(effect.timer, effect.ms);
      case "back_off":
        return wait("retry", backoff(effect.attempt, random(), effect.hint_ms));
      case "forget":
        clearTimeout(timers.get(effect.timer));
        return;
      case "tell":
        return hear(effect.message);
      case "settle":
        waiting.get(effect.id)?.(effect.answer);
        waiting.delete(effect.id);
    }
  }

  function open(): void {
    // What an abandoned connection still says is not for the one that followed it.
    const current = (): boolean => transport === opened;
    const opened: Transport = connect(url, {
      opened: () => current() && feed({ on: "opened" }),
      received(frame) {
        if (!current()) return;
        heard_at = now();
        feed(...received(frame));
      },
      closed: (code) => current() && feed({ on: "lost", code }),
    });
    transport = opened;
  }

  function wait(timer: sessions.Timer, ms: number): void {
    clearTimeout(timers.get(timer));
    timers.set(
      timer,
      setTimeout(() => feed({ on: "due", timer }), ms),
    );
  }

  function hear(message: ServerMessage): void {
    if (message.type === "pong") {
      hearTime(clocks.sampled(clock, message.at, now(), message.server_at));
    } else if (message.type === "joined" && clocks.isWrong(clock, now(), message.at)) {
      hearTime(clocks.guessed(now(), message.at));
    }
    change(message);
    emit("message", message);
  }

  function hearTime(better: clocks.Clock): void {
    clock = better;
    emit("clock", clocks.offset(clock));
  }

  function ask(question: sessions.Question): Promise<sessions.Answer> {
    return new Promise((resolve) => {
      const deadline = setTimeout(() => feed({ on: "give_up", id: question.id }), ANSWER_WITHIN_MS);
      waiting.set(question.id, (answer) => {
        clearTimeout(deadline);
        resolve(answer);
      });
      feed({ on: "ask", question });
    });
  }

  /** Change the state from here, rather than on the server's word. */
  function foresee(next: Change): void {
    change(next);
    emit("state", state);
  }

  beginning.forEach(carryOut);

  return {
    get state() {
      return state;
    },
    get phase() {
      return session.phase;
    },
    serverNow: () => now() + clocks.offset(clock),
    on(name, listener) {
      listeners[name].add(listener);
      return () => listeners[name].delete(listener);
    },
    async say(text, { reply_to, mentions: meant = [] } = {}) {
      const id = uniqueId();
      const { you } = state;
      const line = `${you?.id ?? ""}.${id}`;
      const mentions = mentionsIn(text, [...meant, ...known(state)]);
      const about: Pick<Say, "reply_to" | "mentions"> = {
        ...(reply_to !== undefined && { reply_to }),
        ...(mentions.length > 0 && { mentions: [...mentions] }),
      };
      // On the way to being someone else, the line would be shown in the wrong name.
      if (you && session.phase === "live") {
        const mine = state.chat.findLast(({ from }) => from.id === you.id);
        const answered = state.chat.find((each) => each.id === reply_to);
        foresee({
          type: "chat",
          id: line,
          // With the badges that one's last line had; the room knows better in a moment.
          from: mine?.from.name === you.name ? mine.from : { id: you.id, name: you.name },
          text,
          at: now() + clocks.offset(clock),
          ...about,
          ...(answered !== undefined && { quote: quoteOf(answered) }),
        });
      }
      const answer = await ask({ type: "chat", id, text, ...about });
      if (answer.type !== "error") return;
      foresee({ type: "chat_removed", id: line, offset: 0 });
      throw new RoomError(answer);
    },
    like: (count) => feed({ on: "send", message: { type: "like", count } }),
    click: (offer) => feed({ on: "send", message: { type: "click", offer } }),
    async reserve(offer, quantity = 1) {
      const id = uniqueId();
      const admission = state.queues[offer]?.mine?.admission;
      foresee({ type: "reserving", id, offer });
      const proof = admission === undefined ? {} : { admission };
      const answer = await ask({ type: "reserve", id, offer, quantity, ...proof });
      if (answer.type === "reserved") return answer;
      if (answer.type === "refused") throw new Refusal(answer);
      throw new RoomError(answer.type === "error" ? answer : MISPLACED);
    },
    async wait(offer, quantity = 1) {
      const answer = await ask({ type: "wait", id: uniqueId(), offer, quantity });
      if (answer.type === "waiting" || answer.type === "reserved") return answer;
      if (answer.type === "refused") throw new Refusal(answer);
      throw new RoomError(answer.type === "error" ? answer : MISPLACED);
    },
    async enter(offer) {
      const answer = await ask({ type: "enter", id: uniqueId(), offer });
      if (answer.type === "entered" || answer.type === "admitted") return answer;
      if (answer.type === "refused") throw new Refusal(answer);
      throw new RoomError(answer.type === "error" ? answer : MISPLACED);
    },
    async unwait(offer) {
      const answer = await ask({ type: "unwait", id: uniqueId(), offer });
      if (answer.type === "refused") throw new Refusal(answer);
      if (answer.type !== "unwaited") {
        throw new RoomError(answer.type === "error" ? answer : MISPLACED);
      }
    },
    wake: () => feed({ on: "wake", silent_ms: now() - heard_at }),
    authenticate: (token) => feed({ on: "authenticate", token }),
    leave: () => feed({ on: "leave" }),
  };
}

/** Who may be called by name: the last speakers first, then who else is here. */
function known({ chat, people, show }: RoomState): readonly Pick<Sender, "id" | "name">[] {
  const host = show === null ? [] : [{ id: show.host, name: show.host_name }];
  return [...chat.map(({ from }) => from).reverse(), ...people, ...host];
}

const MISPLACED: Pick<ErrorMessage, "code" | "detail"> = {
  code: "misplaced",
  detail: "the answer was to another question",
};

function received(frame: string): readonly sessions.Input[] {
  const messages = JSON.parse(frame) as readonly ServerMessage[];
  return messages.map((message) => ({ on: "received", message }));
}
