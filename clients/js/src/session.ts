/**
 * The conversation with a room: `(session, input) -> [session, effects]`. No socket, no clock,
 * no randomness: whoever drives it carries the effects out in order.
 *
 *     connecting --opened--> joining --joined--> live
 *         ^                     |                 |
 *         +--- retry --- waiting <--- lost -------+        a final code, or leaving: closed
 *
 * Invariants: a message that wants an answer stays in `unanswered` until it is answered, and is
 * sent again with the same id after every join; an event is told exactly once, in order.
 */

import { ABANDONED, isFinal, LEAVING } from "./codes.ts";
import type {
  Admitted,
  ClientMessage,
  Enter,
  Entered,
  ErrorMessage,
  Joined,
  Ok,
  Refused,
  Reserve,
  Reserved,
  Say,
  ServerMessage,
  Unwait,
  Unwaited,
  Wait,
  Waiting,
} from "./messages.ts";
import { type Position, step } from "./recovery.ts";

/** From opening a connection to `joined`, and from a ping to its pong; then it is given up. */
export const DEADLINE_MS = 10_000;

/** Home routers and proxies drop what is idle for 30 s. */
export const PING_EVERY_MS = 20_000;

/** Nothing was heard for longer than a ping and its pong take: this device was asleep. */
export const ASLEEP_MS = PING_EVERY_MS + DEADLINE_MS;

/** The first pings set the clock, before a countdown is looked at. */
export const QUICK_PINGS = 3;
export const QUICK_PING_MS = 150;

export type Phase = "connecting" | "joining" | "live" | "waiting" | "closed";
export type Timer = "deadline" | "ping" | "retry";
export type Question = Say | Reserve | Wait | Unwait | Enter;
export type Answer =
  | Ok
  | Reserved
  | Refused
  | Waiting
  | Unwaited
  | Entered
  | Admitted
  | ErrorMessage;

export interface Session {
  readonly room: string;
  readonly token: string | null;
  /** What this is watched on, as far as a ban is concerned. */
  readonly device: string | null;
  readonly phase: Phase;
  readonly position: Position | null;
  readonly unanswered: readonly Question[];
  /** Connections lost in a row. */
  readonly attempt: number;
  /** What the server last had to say about this connection. */
  readonly trouble: ErrorMessage | null;
  /** Pings sent on this connection. */
  readonly pings: number;
}

export type Input =
  | { readonly on: "opened" }
  | { readonly on: "received"; readonly message: ServerMessage }
  | { readonly on: "lost"; readonly code: number }
  | { readonly on: "due"; readonly timer: Timer }
  | { readonly on: "wake"; readonly silent_ms: number }
  | { readonly on: "ask"; readonly question: Question }
  | { readonly on: "send"; readonly message: ClientMessage }
  | { readonly on: "give_up"; readonly id: string }
  | { readonly on: "authenticate"; readonly token: string | null }
  | { readonly on: "leave" };

export type Effect =
  | { readonly do: "connect" }
  | { readonly do: "disconnect"; readonly code: number; readonly reason: string }
  | { readonly do: "send"; readonly message: ClientMessage }
  | { readonly do: "ping"; readonly id: number }
  | { readonly do: "wait"; readonly timer: Timer; readonly ms: number }
  | { readonly do: "back_off"; readonly attempt: number; readonly hint_ms: number }
  | { readonly do: "forget"; readonly timer: Timer }
  | { readonly do: "tell"; readonly message: ServerMessage }
  | { readonly do: "settle"; readonly id: string; readonly answer: Answer };

type Outcome = readonly [Session, readonly Effect[]];

const QUIET: readonly Effect[] = [
  { do: "forget", timer: "deadline" },
  { do: "forget", timer: "ping" },
  { do: "forget", timer: "retry" },
];

/** A session that enters `room`, and the effects that begin it. */
export function begin(
  room: string,
  token: string | null,
  device: string | null = null,
): Outcome {
  const nothing = { position: null, unanswered: [], attempt: 0, trouble: null, pings: 0 };
  return connect({ room, token, device, phase: "closed", ...nothing });
}

/** What `input` does. An input that makes no sense in this phase does nothing. */
export function advance(session: Session, input: Input): Outcome {
  switch (input.on) {
    case "opened":
      return session.phase === "connecting" ? join(session) : [session, []];
    case "received":
      return receive(session, input.message);
    case "lost":
      return lose(session, input.code);
    case "due":
      return due(session, input.timer);
    case "wake":
      return wake(session, input.silent_ms);
    case "ask": {
      const asked = { ...session, unanswered: [...session.unanswered, input.question] };
      if (session.phase === "closed") return close(asked);
      return [asked, session.phase === "live" ? [{ do: "send", message: fresh(input.question) }] : []];
    }
    case "send":
      return [session, session.phase === "live" ? [{ do: "send", message: input.message }] : []];
    case "give_up":
      return answer(session, { type: "error", to: input.id, ...UNANSWERED });
    case "authenticate": {
      const [next, effects] = connect({ ...session, token: input.token, attempt: 0 });
      return [next, [...leaveSocket(session, LEAVING, "coming back"), ...effects]];
    }
    case "leave": {
      const [next, effects] = close({ ...session, trouble: null });
      return [next, [...leaveSocket(session, LEAVING, "leaving"), ...effects]];
    }
  }
}

const DISMISSED: ErrorMessage = {
  type: "error",
  code: "dismissed",
  detail: "the server ended the connection for good",
};

const UNANSWERED = { code: "unanswered", detail: "the server did not answer in time" };

function connect(session: Session): Outcome {
  const next: Session = { ...session, phase: "connecting", trouble: null, pings: 0 };
  return [next, [...QUIET, { do: "wait", timer: "deadline", ms: DEADLINE_MS }, { do: "connect" }]];
}

function join(session: Session): Outcome {
  const message: ClientMessage = {
    type: "join",
    room: session.room,
    ...(session.token !== null && { token: session.token }),
    ...(session.position !== null && { since: session.position }),
    ...(session.device !== null && { device: session.device }),
  };
  return [{ ...session, phase: "joining" }, [{ do: "send", message }]];
}

function receive(session: Session, message: ServerMessage): Outcome {
  if (session.phase !== "joining" && session.phase !== "live") return [session, []];
  const tell: Effect = { do: "tell", message };
  switch (message.type) {
    case "joined":
      return joined(session, message);
    case "pong":
      return [session, [{ do: "forget", timer: "deadline" }, tell]];
    case "ok":
    case "reserved":
    case "refused":
    case "waiting":
    case "unwaited":
    case "entered":
    case "admitted":
      return answer(session, message);
    case "error":
      if (message.to !== undefined) return answer(session, message);
      return [{ ...session, trouble: message }, [tell]];
    default:
      return follow(session, message);
  }
}

/** What is sent for the first time says so: a sold-out offer is then refused at once. */
function fresh(question: Question): Question {
  return question.type === "reserve" ? { ...question, fresh: true } : question;
}

function joined(session: Session, message: Joined): Outcome {
  // A recovered room goes on from where this client was: the missed events follow.
  const there = { epoch: message.epoch, offset: message.offset };
  const position = message.recovered === true ? (session.position ?? there) : there;
  return [
    { ...session, phase: "live", position, attempt: 0, trouble: null },
    [
      { do: "forget", timer: "deadline" },
      { do: "tell", message },
      ...session.unanswered.map((question): Effect => ({ do: "send", message: question })),
      { do: "wait", timer: "ping", ms: 0 },
    ],
  ];
}

function follow(session: Session, message: ServerMessage): Outcome {
  const { position } = session;
  const next = position === null ? null : step(position, message);
  if (next === null || next.kind === "skip") return [session, []];
  if (next.kind === "gap") return abandon(session, "a hole in the control lane");
  return [{ ...session, position: next.position }, [{ do: "tell", message }]];
}

function answer(session: Session, message: Answer): Outcome {
  const id = message.to;
  const tell: Effect = { do: "tell", message };
  if (id === undefined || !session.unanswered.some((question) => question.id === id)) {
    return [session, message.type === "ok" ? [] : [tell]];
  }
  const unanswered = session.unanswered.filter((question) => question.id !== id);
  return [{ ...session, unanswered }, [tell, { do: "settle", id, answer: message }]];
}

function due(session: Session, timer: Timer): Outcome {
  switch (timer) {
    case "retry":
      return session.phase === "waiting" ? connect(session) : [session, []];
    case "deadline":
      return abandon(session, "no answer in time");
    case "ping": {
      if (session.phase !== "live") return [session, []];
      const pings = session.pings + 1;
      const ms = pings < QUICK_PINGS ? QUICK_PING_MS : PING_EVERY_MS;
      return [
        { ...session, pings },
        [
          { do: "ping", id: pings },
          { do: "wait", timer: "deadline", ms: DEADLINE_MS },
          { do: "wait", timer: "ping", ms },
        ],
      ];
    }
  }
}

/** Come back at once; of a connection that was slept through nobody knows whether it is still one. */
function wake(session: Session, silent_ms: number): Outcome {
  if (session.phase === "waiting") return connect(session);
  if (session.phase !== "live" || silent_ms <= ASLEEP_MS) return [session, []];
  const [next, effects] = connect(session);
  return [next, [...leaveSocket(session, ABANDONED, "asleep for too long"), ...effects]];
}

function abandon(session: Session, reason: string): Outcome {
  const [next, effects] = lose(session, ABANDONED);
  return [next, [...leaveSocket(session, ABANDONED, reason), ...effects]];
}

function lose(session: Session, code: number): Outcome {
  if (session.phase === "closed" || session.phase === "waiting") return [session, []];
  if (isFinal(code)) return close({ ...session, trouble: session.trouble ?? DISMISSED });
  const { attempt } = session;
  const hint_ms = session.trouble?.retry_after_ms ?? 0;
  const next: Session = { ...session, phase: "waiting", attempt: attempt + 1 };
  return [next, [...QUIET, { do: "back_off", attempt, hint_ms }]];
}

function close(session: Session): Outcome {
  const why = session.trouble ?? { code: "closed", detail: "the room was left" };
  const settled = session.unanswered.flatMap(({ id }): Effect[] => {
    const message: ErrorMessage = { ...why, type: "error", to: id };
    return [
      { do: "tell", message },
      { do: "settle", id, answer: message },
    ];
  });
  return [{ ...session, phase: "closed", unanswered: [] }, [...QUIET, ...settled]];
}

function leaveSocket(session: Session, code: number, reason: string): readonly Effect[] {
  const open = session.phase !== "closed" && session.phase !== "waiting";
  return open ? [{ do: "disconnect", code, reason }] : [];
}
