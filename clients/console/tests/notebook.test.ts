import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { NewNote, Note, WrittenNote } from "@liveshop/client";
import { joined, notebookOf } from "../src/notebook.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The server's side: notes with revisions, and whether it can be reached. */
function server(found: Note[] = []) {
  const notes = new Map(found.map((note) => [note.offer ?? "", note]));
  const writes: NewNote[] = [];
  const shop = {
    away: false,
    notes: async () => ({ notes: [...notes.values()] }),
    async writeNote(_: string, note: NewNote): Promise<WrittenNote> {
      if (shop.away) throw new Error("away");
      writes.push(note);
      const offer = note.offer ?? "";
      const there = notes.get(offer) ?? { text: "", revision: 0, offer };
      if (there.revision !== note.revision) return { note: there, kept: false };
      const written = { offer, text: note.text, revision: note.revision + 1 };
      notes.set(offer, written);
      return { note: written };
    },
  };
  return { shop, notes, writes };
}

function browser(found: Record<string, string> = {}) {
  const kept = new Map(Object.entries(found));
  return {
    kept,
    getItem: (place: string) => kept.get(place) ?? null,
    setItem: (place: string, text: string) => void kept.set(place, text),
    removeItem: (place: string) => void kept.delete(place),
  };
}

const PLACE = "liveshop.note.tea.ofr_1";

test("what is typed is saved once, after a pause, and kept in the browser until then", async () => {
  const { shop, writes } = server();
  const here = browser();
  const notebook = notebookOf("tea", shop, here, vi.fn());
  notebook.write("ofr_1", "Sho");
  await vi.advanceTimersByTimeAsync(300);
  notebook.write("ofr_1", "Show the lid");
  expect(JSON.parse(here.kept.get(PLACE) ?? "")).toEqual({ text: "Show the lid", over: 0 });
  await vi.advanceTimersByTimeAsync(600);

  expect(writes).toEqual([{ offer: "ofr_1", text: "Show the lid", revision: 0 }]);
  expect(notebook.standing.value.get("ofr_1")).toBe("saved");
  expect(here.kept.size).toBe(0);
});

test("a page that is opened again has what was not saved, and saves it", async () => {
  const { shop, notes } = server([{ offer: "ofr_1", text: "Show", revision: 1 }]);
  const here = browser({ [PLACE]: JSON.stringify({ text: "Show the lid", over: 1 }) });
  const notebook = notebookOf("tea", shop, here, vi.fn());
  await notebook.read();
  expect(notebook.texts.value.get("ofr_1")).toBe("Show the lid");
  await vi.advanceTimersByTimeAsync(0);

  expect(notes.get("ofr_1")).toEqual({ offer: "ofr_1", text: "Show the lid", revision: 2 });
  expect(here.kept.size).toBe(0);
});

test("where somebody else wrote meanwhile, the words of both stay", async () => {
  const { shop, notes } = server([{ offer: "ofr_1", text: "Ask Jo", revision: 1 }]);
  const notebook = notebookOf("tea", shop, browser(), vi.fn());
  notebook.write("ofr_1", "Show the lid");
  await vi.advanceTimersByTimeAsync(1200);

  expect(notebook.texts.value.get("ofr_1")).toBe("Ask Jo\nShow the lid");
  expect(notes.get("ofr_1")?.text).toBe("Ask Jo\nShow the lid");
});

test("what cannot be saved stays in the browser, is said once, and is tried again", async () => {
  const { shop, notes } = server();
  const here = browser();
  const failed = vi.fn();
  const notebook = notebookOf("tea", shop, here, failed);
  shop.away = true;
  notebook.write("ofr_1", "Show the lid");
  await vi.advanceTimersByTimeAsync(11_000);
  expect(failed).toHaveBeenCalledTimes(1);
  expect(notebook.standing.value.get("ofr_1")).toBe("failed");
  expect(here.kept.has(PLACE)).toBe(true);
  shop.away = false;
  await vi.advanceTimersByTimeAsync(5_000);

  expect(notes.get("ofr_1")?.text).toBe("Show the lid");
  expect(here.kept.size).toBe(0);
});

test("two notes become one only where one has the other in it", () => {
  expect(joined("Show the lid", "Show")).toBe("Show the lid");
  expect(joined("Show", "Show the lid")).toBe("Show the lid");
  expect(joined("b", "a")).toBe("a\nb");
});
