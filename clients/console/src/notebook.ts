/**
 * The host's notes: saved as they are typed, and never lost.
 *
 * What is typed is kept in this browser at once, and on the server a moment later; only then is it
 * forgotten here. Where somebody else wrote meanwhile, nobody's words are dropped: both stay.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Note } from "@liveshop/client";
import type { Shop } from "./shop.ts";

/** A pause in typing; a page that is closed sooner finds the draft again. */
const SAVE_AFTER_MS = 600;

/** After a failure, with the words safe in this browser. */
const AGAIN_AFTER_MS = 5_000;

export type Standing = "saved" | "saving" | "unsaved" | "failed";

export interface Notebook {
  /** By offer; the show's own is under "". */
  readonly texts: ReadonlySignal<ReadonlyMap<string, string>>;
  readonly standing: ReadonlySignal<ReadonlyMap<string, Standing>>;
  read(): Promise<void>;
  write(offer: string, text: string): void;
  stop(): void;
}

interface Draft {
  readonly text: string;
  /** The revision that it was written over. */
  readonly over: number;
}

/** What to keep when two wrote at once: the longer one if it has the other in it, else both. */
export function joined(mine: string, theirs: string): string {
  if (mine.includes(theirs)) return mine;
  return theirs.includes(mine) ? theirs : `${theirs}\n${mine}`;
}

export function notebookOf(
  show: string,
  shop: Pick<Shop, "notes" | "writeNote">,
  kept: Pick<Storage, "getItem" | "setItem" | "removeItem">,
  failed: (error: unknown) => void,
): Notebook {
  const texts = signal<ReadonlyMap<string, string>>(new Map());
  const standing = signal<ReadonlyMap<string, Standing>>(new Map());
  const revisions = new Map<string, number>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  const saving = new Set<string>();
  // Said once: it is tried again every few seconds.
  const complained = new Set<string>();

  const place = (offer: string) => `liveshop.note.${show}.${offer}`;
  const set = (offer: string, text: string) =>
    (texts.value = new Map(texts.value).set(offer, text));
  const stands = (offer: string, how: Standing) =>
    (standing.value = new Map(standing.value).set(offer, how));

  function draftOf(offer: string): Draft | null {
    try {
      return JSON.parse(kept.getItem(place(offer)) ?? "null") as Draft | null;
    } catch {
      return null;
    }
  }

  function keep(offer: string): void {
    const draft = { text: texts.value.get(offer) ?? "", over: revisions.get(offer) ?? 0 };
    try {
      kept.setItem(place(offer), JSON.stringify(draft));
    } catch {
      // No room in this browser: the server has it in a moment.
    }
  }

  function later(offer: string, after_ms: number): void {
    clearTimeout(timers.get(offer));
    timers.set(
      offer,
      setTimeout(() => void save(offer), after_ms),
    );
  }

  async function save(offer: string): Promise<void> {
    if (saving.has(offer)) return later(offer, SAVE_AFTER_MS);
    const text = texts.value.get(offer) ?? "";
    saving.add(offer);
    stands(offer, "saving");
    try {
      const { note, kept: mine = true } = await shop.writeNote(show, {
        offer,
        text,
        revision: revisions.get(offer) ?? 0,
      });
      complained.delete(offer);
      revisions.set(offer, note.revision ?? 0);
      const now = texts.value.get(offer) ?? "";
      if (!mine) set(offer, joined(now, note.text ?? ""));
      if (texts.value.get(offer) === (note.text ?? "")) {
        kept.removeItem(place(offer));
        stands(offer, "saved");
      } else {
        keep(offer);
        stands(offer, "unsaved");
        later(offer, SAVE_AFTER_MS);
      }
    } catch (error) {
      if (!complained.has(offer)) failed(error);
      complained.add(offer);
      stands(offer, "failed");
      later(offer, AGAIN_AFTER_MS);
    } finally {
      saving.delete(offer);
    }
  }

  function found({ offer = "", text = "", revision = 0 }: Note): void {
    // Whoever types now keeps what they type; saving it finds what is new.
    if (timers.has(offer) && standing.value.get(offer) !== "saved") return;
    revisions.set(offer, revision);
    const draft = draftOf(offer);
    if (draft === null || draft.text === text) {
      set(offer, text);
      return;
    }
    set(offer, draft.over === revision ? draft.text : joined(draft.text, text));
    keep(offer);
    stands(offer, "unsaved");
    later(offer, 0);
  }

  return {
    texts,
    standing,
    async read() {
      try {
        const { notes } = await shop.notes(show);
        notes.forEach(found);
      } catch (error) {
        failed(error);
      }
    },
    write(offer, text) {
      set(offer, text);
      keep(offer);
      stands(offer, "unsaved");
      later(offer, SAVE_AFTER_MS);
    },
    stop() {
      for (const [offer, timer] of timers) {
        clearTimeout(timer);
        if (standing.value.get(offer) === "unsaved") void save(offer);
      }
      timers.clear();
    },
  };
}
