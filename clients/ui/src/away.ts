/** How far away a moment is, where whoever looks is. Pure. */

export interface Away {
  readonly value: number;
  readonly unit: "minute" | "hour" | "day";
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** How far away a moment is, in the largest unit that says something; `null` once it is there. */
export function away(at: number, now: number): Away | null {
  const left = at - now;
  if (left <= 0) return null;
  if (left < HOUR_MS - MINUTE_MS / 2) {
    return { value: Math.max(1, Math.round(left / MINUTE_MS)), unit: "minute" };
  }
  if (left < DAY_MS / 2) return { value: Math.round(left / HOUR_MS), unit: "hour" };
  const days = daysBetween(now, at);
  return days === 0
    ? { value: Math.round(left / HOUR_MS), unit: "hour" }
    : { value: days, unit: "day" };
}

/** How many days a countdown is long: 0 while hours say more, which they do for a day. */
export function daysOff(at: number, now: number): number {
  return at - now > DAY_MS ? daysBetween(now, at) : 0;
}

/** Whether two moments are on one day, where whoever looks is. */
export function isSameDay(a: number, b: number): boolean {
  return midnight(a) === midnight(b);
}

/** How often the date changes from one moment to another; a day may have 23 hours, or 25. */
function daysBetween(from: number, to: number): number {
  return Math.round((midnight(to) - midnight(from)) / DAY_MS);
}

/** When the day of a moment began where the viewer is. */
function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
