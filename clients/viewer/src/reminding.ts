/** Which of the shows that a viewer waits for have begun. Pure. */

import type { Reminder, ShowView } from "@liveshop/client";

/** A page that opens later than this after the start has nothing new to tell. */
const NEWS_MS = 10 * 60_000;

/** Shows that went live just now and were not `told` of yet; not the one the viewer is in. */
export function begun(
  reminders: readonly Reminder[],
  told: ReadonlySet<string>,
  now: number,
  here: string | null = null,
): readonly ShowView[] {
  return reminders
    .map(({ show }) => show)
    .filter(
      ({ id, state, started_at = 0 }) =>
        state === "live" && id !== here && !told.has(id) && now - started_at < NEWS_MS,
    );
}

/** What need not be told again: a show that is over or taken back is forgotten. */
export function toldAfter(reminders: readonly Reminder[]): readonly string[] {
  return reminders.filter(({ show }) => show.state === "live").map(({ show }) => show.id);
}
