/**
 * A show minute by minute, as charts want it: every minute once, in order, and none missing between
 * the first and the last. Pure.
 */
import type { Minute } from "@liveshop/client";

export const MINUTE_MS = 60_000;

/** What a chart shows; the desk offers one at a time. */
export const METRICS = [
  "viewers",
  "chat",
  "clicks",
  "orders",
  "takings",
  "conversion",
  "delivery",
] as const;
export type Metric = (typeof METRICS)[number];

/** A day; a show that is longer is read from its end. */
export const MINUTES_KEPT = 1_500;

/** The series with minutes read again, or for the first time. */
export function withMinutes(
  series: readonly Minute[],
  read: readonly Minute[],
): readonly Minute[] {
  const known = new Map(series.map((minute) => [minute.at, minute]));
  for (const minute of read) known.set(minute.at, minute);
  return [...known.values()].toSorted((a, b) => a.at - b.at).slice(-MINUTES_KEPT);
}

/** From when on to read again: the last minute but one may still have changed. */
export function readFrom(series: readonly Minute[]): number {
  return series.at(-2)?.at ?? 0;
}

export interface Columns {
  /** When each minute began, in Unix seconds. */
  readonly at: readonly number[];
  /** One or two lines; `null` where nothing is known. */
  readonly lines: readonly (readonly (number | null)[])[];
}

/** What a metric was, minute by minute. Nothing counted is 0; nothing measured is unknown. */
export function columns(series: readonly Minute[], metric: Metric, unit: number): Columns {
  const known = new Map(series.map((minute) => [minute.at, minute]));
  const first = series[0]?.at ?? 0;
  const last = series.at(-1)?.at ?? first - MINUTE_MS;
  const ats = Array.from(
    { length: Math.round((last - first) / MINUTE_MS) + 1 },
    (_, n) => first + n * MINUTE_MS,
  );
  const picks = LINES[metric].map((pick) => (at: number) => pick(known.get(at), unit));
  return { at: ats.map((at) => at / 1000), lines: picks.map((pick) => ats.map(pick)) };
}

type Pick = (minute: Minute | undefined, unit: number) => number | null;

const LINES: Readonly<Record<Metric, readonly Pick[]>> = {
  viewers: [
    (minute) => (minute === undefined || !isRead(minute) ? null : minute.viewers),
    (minute) => (minute === undefined || !isRead(minute) ? null : (minute.viewers_peak ?? 0)),
  ],
  chat: [(minute) => minute?.chat_lines ?? 0],
  clicks: [(minute) => minute?.clicks ?? 0],
  orders: [(minute) => minute?.orders ?? 0, (minute) => minute?.paid ?? 0],
  takings: [
    (minute, unit) => ((minute?.captured_minor ?? 0) - (minute?.refunded_minor ?? 0)) / unit,
  ],
  conversion: [(minute) => (minute?.clicks ? ((minute.paid ?? 0) / minute.clicks) * 100 : null)],
  delivery: [
    (minute) => minute?.delivery_p50_ms ?? null,
    (minute) => minute?.delivery_p99_ms ?? null,
  ],
};

/** Whether somebody counted who watched: a room that is empty is read, too. */
function isRead(minute: Minute): boolean {
  return minute.viewers > 0 || (minute.viewers_peak ?? 0) > 0 || (minute.likes ?? 0) > 0;
}

/** The largest of a line that is known, and its last. */
export function extent(line: readonly (number | null)[]): { most: number; last: number } | null {
  const known = line.filter((value) => value !== null);
  const last = known.at(-1);
  return last === undefined ? null : { most: Math.max(...known), last };
}
