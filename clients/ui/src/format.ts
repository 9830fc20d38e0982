/** Amounts, counts and moments in words, in the language that is spoken. */

import { isSameDay } from "./away.ts";
import { locale } from "./i18n.ts";

/** `1290 USD` as `$12.90`. */
export function money(minor: number, currency: string): string {
  return format(currency).format(minor / unit(currency));
}

/** The same in its parts, so that a price can show its cents small. */
export function moneyParts(minor: number, currency: string): readonly Intl.NumberFormatPart[] {
  return format(currency).formatToParts(minor / unit(currency));
}

/** How many minor units one major unit has: 100 for USD, 1 for JPY. */
export function unit(currency: string): number {
  return 10 ** (format(currency).resolvedOptions().maximumFractionDigits ?? 2);
}

/** `12,400` as `12.4K` (or `1.2万`). */
export function compact(count: number): string {
  const options = { notation: "compact", maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale(), options).format(count);
}

/** A day and a time: `Tue 24 Nov, 20:00`. */
export function dayAndTime(at: number): string {
  return new Intl.DateTimeFormat(locale(), {
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
  }).format(at);
}

/** How far away something is: `in 20 minutes`, `tomorrow`. */
export function relative(value: number, unit: Intl.RelativeTimeFormatUnit): string {
  return new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(value, unit);
}

/** A length of days: `5 days`. */
export function days(count: number): string {
  const options = { style: "unit", unit: "day", unitDisplay: "long" } as const;
  return new Intl.NumberFormat(locale(), options).format(count);
}

export function time(at: number): string {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" }).format(at);
}

/** The time of a moment, and its day unless that is today. */
export function when(at: number, now: number): string {
  return isSameDay(at, now) ? time(at) : dayAndTime(at);
}

/** `4:59`, and `1:00:00` from an hour on; never below zero. */
export function duration(seconds: number): string {
  const left = Math.max(0, Math.ceil(seconds));
  const [h, m, s] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60];
  const tail = `${h > 0 ? String(m).padStart(2, "0") : m}:${String(s).padStart(2, "0")}`;
  return h > 0 ? `${h}:${tail}` : tail;
}

/** `DE` as `Germany`. */
export function countryName(code: string): string {
  return new Intl.DisplayNames(locale(), { type: "region" }).of(code) ?? code;
}

const formats = new Map<string, Intl.NumberFormat>();

function format(currency: string): Intl.NumberFormat {
  const key = `${locale()} ${currency}`;
  let known = formats.get(key);
  if (known === undefined) {
    const options = { style: "currency", currency, currencyDisplay: "narrowSymbol" } as const;
    known = new Intl.NumberFormat(locale(), options);
    formats.set(key, known);
  }
  return known;
}
