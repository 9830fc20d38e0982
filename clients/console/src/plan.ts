/** When a show is planned for, as a field for day and time has it. Pure. */

/** A moment as `datetime-local` writes it: in the zone of the host, to the minute. */
export function localOf(at: number): string {
  const there = new Date(at);
  return new Date(at - there.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The moment that a `datetime-local` means: it has no zone, so it is the host's own. */
export function momentOf(local: string): number | null {
  const at = new Date(local).getTime();
  return local === "" || Number.isNaN(at) ? null : at;
}

export interface Planned {
  readonly title: string;
  readonly starts_at: number | null;
}

/**
 * What to ask for so that a show is as the form says: only what is different. A field knows no
 * seconds, so a moment within its minute is the same.
 */
export function changesOf(
  show: { readonly title: string; readonly starts_at?: number },
  wanted: Planned,
): { title?: string; starts_at?: number | null } {
  const before = show.starts_at === undefined ? "" : localOf(show.starts_at);
  const after = wanted.starts_at === null ? "" : localOf(wanted.starts_at);
  return {
    ...(wanted.title !== show.title && { title: wanted.title }),
    ...(after !== before && { starts_at: wanted.starts_at }),
  };
}
