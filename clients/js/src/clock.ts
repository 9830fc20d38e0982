/**
 * The server's clock, seen from here. A sample is off by at most half its round trip, so of the
 * last few the one with the shortest round trip is believed.
 */

export interface Sample {
  readonly round_trip_ms: number;
  /** What to add to the local clock to get the server's. */
  readonly offset_ms: number;
}

/** The samples kept, newest last. */
export type Clock = readonly Sample[];

/** Eight samples are under three minutes: a phone's clock drifts by less than 10 ms in that. */
const KEPT = 8;

export const unset: Clock = [];

/** A message takes no longer: what is off by more was set, here or there, since it was compared. */
const LATE_MS = 5_000;

/** Whether nothing is known that agrees with what the server said a moment before `received`. */
export function isWrong(clock: Clock, received: number, server: number): boolean {
  return clock.length === 0 || Math.abs(received + offset(clock) - server) > LATE_MS;
}

/** `clock` after a ping sent at `sent` came back at `received` (local) with `server` (theirs). */
export function sampled(clock: Clock, sent: number, received: number, server: number): Clock {
  const round_trip_ms = Math.max(0, received - sent);
  const offset_ms = server - (sent + round_trip_ms / 2);
  return [...clock, { round_trip_ms, offset_ms }].slice(-KEPT);
}

/** Before the first pong: late by as long as the message took, but not by an hour. */
export function guessed(received: number, server: number): Clock {
  return [{ round_trip_ms: Infinity, offset_ms: server - received }];
}

/** What to add to the local clock; 0 while nothing is known. */
export function offset(clock: Clock): number {
  const [first, ...others] = clock;
  if (first === undefined) return 0;
  return others.reduce(
    (best, next) => (next.round_trip_ms <= best.round_trip_ms ? next : best),
    first,
  ).offset_ms;
}
