/** Moments as a `datetime-local` has them: without a zone, so in the one of whoever types. */

/** What was typed as Unix ms; nothing when nothing, or no moment, was typed. */
export function momentOf(typed: string): number | undefined {
  const at = new Date(typed.trim()).getTime();
  return Number.isNaN(at) ? undefined : at;
}

/** `at` (Unix ms) as it would be typed, to the minute. */
export function typedMoment(at: number): string {
  const day = new Date(at);
  const two = (n: number): string => String(n).padStart(2, "0");
  const date = [day.getFullYear(), two(day.getMonth() + 1), two(day.getDate())].join("-");
  return `${date}T${two(day.getHours())}:${two(day.getMinutes())}`;
}
