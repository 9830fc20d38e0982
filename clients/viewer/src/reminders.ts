/**
 * Reminders on this page: asked for at a tap, told in the page and, where allowed, by the device.
 * What was told on one page is not told again on another.
 */

import type { Reminded, Reminder, ReminderList, ShowView } from "@liveshop/client";
import { ApiError, serverNow, toast } from "@liveshop/ui";
import { type ReadonlySignal, signal } from "@preact/signals";
import mark from "@liveshop/ui/mark.svg";
import { account, shop } from "./account.ts";
import { begun, toldAfter } from "./reminding.ts";
import { showPath } from "./route.ts";
import { t } from "./words/index.ts";

const KEPT_AS = "liveshop.told";

/** A start is told this much late at most. */
const LOOK_MS = 30_000;

/** Whoever waits for nothing may have asked for something on another page. */
const REST_MS = 600_000;

const notes = signal<readonly ShowView[]>([]);

/** Shows that have just begun, until the viewer has seen it. */
export const started: ReadonlySignal<readonly ShowView[]> = notes;

export function seen(show: string): void {
  notes.value = notes.value.filter(({ id }) => id !== show);
}

/** Tell what has begun since it was last told. */
export function hear(reminders: readonly Reminder[], here: string | null = null): void {
  const news = begun(reminders, told(), serverNow(), here);
  localStorage.setItem(KEPT_AS, JSON.stringify(toldAfter(reminders)));
  if (news.length === 0) return;
  notes.value = [...notes.value, ...news];
  news.forEach(notify);
}

/** Look every half minute while something is waited for; the answer ends it. */
export function watch(here: string): () => void {
  let next: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  async function look(): Promise<void> {
    const found = account.current.value === null ? [] : await listed();
    if (over) return;
    hear(found, here);
    const waits = found.some(({ show }) => show.state === "draft" && show.id !== here);
    next = setTimeout(() => void look(), waits ? LOOK_MS : REST_MS);
  }
  void look();
  return () => {
    over = true;
    clearTimeout(next);
  };
}

/** What this viewer is told of; nothing while the shop cannot be asked. */
export async function listed(): Promise<readonly Reminder[]> {
  try {
    return (await shop.get<ReminderList>("/api/reminders")).reminders;
  } catch {
    return [];
  }
}

/** Whether the viewer is reminded of a show from now on, if the shop took it. */
export async function setReminder(show: string, wanted: boolean): Promise<boolean> {
  const path = `/api/shows/${encodeURIComponent(show)}/reminder`;
  try {
    const { reminded } = await (wanted ? shop.post<Reminded>(path) : shop.delete<Reminded>(path));
    return reminded;
  } catch (error) {
    toast(sentence(error), "bad");
    return !wanted;
  }
}

function sentence(error: unknown): string {
  if (!(error instanceof ApiError)) return String(error);
  if (error.code === "unreachable") return t("error_unreachable");
  if (error.code === "too_many_reminders") return t("too_many_reminders");
  if (error.code === "wrong_state") return t("begun_already");
  return t("error_other", { detail: error.message });
}

/** To be called in the tap itself: a browser asks for nothing else. */
export function askToNotify(): void {
  if ("Notification" in window && Notification.permission === "default") {
    void Notification.requestPermission();
  }
}

export function mayNotify(): boolean {
  return "Notification" in window && Notification.permission === "granted";
}

function notify({ id, title, host_name }: ShowView): void {
  if (!mayNotify()) return;
  try {
    // One tag a show: the pages of this browser tell it once.
    const options = { body: t("by", { name: host_name }), tag: `liveshop-${id}`, icon: mark };
    const note = new Notification(t("has_begun", { title }), options);
    note.onclick = () => {
      note.close();
      window.focus();
      location.assign(showPath(id));
    };
  } catch {
    // Some phones only let service workers do this; the page itself has told it.
  }
}

function told(): ReadonlySet<string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT_AS) ?? "[]");
    return new Set(Array.isArray(kept) ? kept.map(String) : []);
  } catch {
    return new Set();
  }
}
