/**
 * The chat of one show as its moderators work on it: what holds, for whom, and who decided so. It
 * is read when someone looks, and again after each decision made here.
 */
import { signal, type ReadonlySignal } from "@preact/signals";
import type {
  ChatLine,
  Moderation,
  ModerationLog,
  NewChatSettings,
  Sender,
} from "@liveshop/client";
import type { Deeds } from "./deeds.ts";
import type { ModeratorsAction, Shop } from "./shop.ts";

/** Long enough to cool down, short enough to forget. */
export const MUTE_S = 600;

export interface Moderating {
  /** Nothing until `look` was called. */
  readonly holds: ReadonlySignal<Moderation | null>;
  readonly log: ReadonlySignal<ModerationLog | null>;
  look(): Promise<boolean>;
  earlier(): Promise<boolean>;
  change(settings: NewChatSettings): Promise<boolean>;
  remove(line: ChatLine): Promise<boolean>;
  pin(line: ChatLine): Promise<boolean>;
  unpin(): Promise<boolean>;
  mute(who: Sender): Promise<boolean>;
  ban(who: Sender): Promise<boolean>;
  /** Let someone speak, or in, again. */
  pardon(user: string, from: "muted" | "banned"): Promise<boolean>;
  appoint(who: Sender): Promise<boolean>;
  dismiss(user: string): Promise<boolean>;
  sayAsShop(text: string, reply_to?: string): Promise<boolean>;
}

export function moderatingOf(show: string, shop: Shop, attempt: Deeds["attempt"]): Moderating {
  const holds = signal<Moderation | null>(null);
  const log = signal<ModerationLog | null>(null);

  async function read(): Promise<void> {
    [holds.value, log.value] = await Promise.all([
      shop.moderation(show),
      shop.moderationLog(show),
    ]);
  }

  /** Do it, and show what holds then, if anyone is looking. */
  const decide = (name: string, work: () => Promise<unknown>): Promise<boolean> =>
    attempt(name, async () => {
      await work();
      if (holds.value !== null) await read();
    });
  const act = (action: ModeratorsAction, what: object, name: string = action): Promise<boolean> =>
    decide(name, () => shop.moderate(show, action, what));

  return {
    holds,
    log,
    look: () => attempt("look", read),
    earlier: () =>
      attempt("earlier entries", async () => {
        const known = log.value;
        if (known?.next === undefined) return;
        const page = await shop.moderationLog(show, known.next);
        log.value = { ...page, entries: [...known.entries, ...page.entries] };
      }),
    change: (settings) => decide(`settings ${Object.keys(settings)}`, () => shop.changeChat(show, settings)),
    remove: ({ id }) => act("remove-line", { line: id }),
    pin: ({ id }) => act("pin-comment", { line: id }),
    unpin: () => act("unpin-comment", {}),
    mute: ({ id }) => act("mute", { user: id, for_s: MUTE_S }),
    ban: ({ id }) => act("ban", { user: id }),
    pardon: (user, from) =>
      act(from === "muted" ? "unmute" : "unban", { user }, `pardon ${from} ${user}`),
    appoint: ({ id }) => decide("appoint", () => shop.appoint(show, id)),
    dismiss: (user) => decide(`dismiss ${user}`, () => shop.dismiss(show, user)),
    sayAsShop: (text, reply_to) =>
      act("say", { text, ...(reply_to !== undefined && { reply_to }) }),
  };
}
