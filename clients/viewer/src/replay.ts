/**
 * A show that is over, on this page: its recordings as one film, and the room as it was beside each
 * picture.
 */

import {
  type ChatLine,
  empty,
  type Replay,
  type ReplayChat,
  type ShowDetail,
  withQuotes,
} from "@liveshop/client";
import {
  type Chapter,
  chapters,
  length,
  picturedAt,
  type Place,
  place,
  roomAt,
  watched,
} from "@liveshop/client/replay";
import { ApiError, toast } from "@liveshop/ui";
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { shop } from "./account.ts";
import type { Live } from "./live.ts";
import { talkOf } from "./talk.ts";
import { t } from "./words/index.ts";

/** What the video of a replay follows, and tells. */
export interface Deck {
  readonly length_ms: number;
  readonly chapters: readonly Chapter[];
  /** Where the viewer is; the video sets it as it plays, and jumps when someone else does. */
  readonly at: ReadonlySignal<Place>;
  readonly watched_ms: ReadonlySignal<number>;
  /** The recording that plays. */
  readonly url: ReadonlySignal<string>;
  /** Counts jumps, so that one to where the viewer is already is one, too. */
  readonly jumps: ReadonlySignal<number>;
  played(offset_ms: number): void;
  /** A recording is over: the next one begins. */
  over(): void;
  jump(watched_ms: number): void;
}

/** Chat is fetched up to here in one go: twenty pages of five hundred lines. */
const PAGES = 20;

/** The replay of a show; `null` where there is none, or not now. */
export async function openReplay(id: string): Promise<Live | null> {
  try {
    const path = `/api/shows/${encodeURIComponent(id)}`;
    const replay = await shop.get<Replay>(`${path}/replay`);
    if (replay.parts.length === 0) return null;
    const [detail, lines] = await Promise.all([shop.get<ShowDetail>(path), chat(replay.chat)]);
    return showing(id, replay, detail, lines);
  } catch (error) {
    if (error instanceof ApiError) return null;
    throw error;
  }
}

async function chat(path: string): Promise<readonly ChatLine[]> {
  const lines: ChatLine[] = [];
  let after: string | undefined = "0:";
  for (let page = 0; page < PAGES && after !== undefined; page++) {
    const read: ReplayChat = await shop.get(`${path}?after=${encodeURIComponent(after)}`);
    lines.push(...read.lines);
    after = read.next;
  }
  return withQuotes(lines);
}

function showing(
  id: string,
  replay: Replay,
  detail: ShowDetail,
  lines: readonly ChatLine[],
): Live {
  const { parts } = replay;
  const at = signal<Place>(place(parts, 0));
  const jumps = signal(0);
  // A card and a line come within a quarter of a second of their picture.
  const quarter = computed(() => Math.floor(picturedAt(parts, at.value) / 250));
  const state = computed(() => roomAt(replay, detail.offers, lines, (quarter.value + 1) * 250));
  const over = (): void => toast(t("replay_over"));

  const deck: Deck = {
    length_ms: length(parts),
    chapters: chapters(replay),
    at,
    watched_ms: computed(() => watched(parts, at.value)),
    url: computed(() => parts[at.value.part]?.url ?? ""),
    jumps,
    played: (offset_ms) => (at.value = { part: at.value.part, offset_ms }),
    over() {
      const part = at.value.part + 1;
      if (part < parts.length) at.value = { part, offset_ms: 0 };
    },
    jump(watched_ms) {
      at.value = place(parts, watched_ms);
      jumps.value += 1;
    },
  };
  return {
    id,
    state: computed(() => ({ ...empty, ...state.value })),
    chat: computed(() => state.value.chat),
    phase: signal("live"),
    onScreen: computed(() => state.value.pinned),
    player: signal(null),
    replay: deck,
    again: async () => {},
    hush: signal(null),
    follows: signal(false),
    follow: async () => {},
    rewrite: () => {},
    shut: signal(null),
    nameless: signal(null),
    talk: talkOf(),
    say: async () => (over(), false),
    like: () => {},
    click: () => {},
    buy: over,
    enter: over,
    wait: over,
    unwait: over,
    pay: async () => {},
    begin: () => Promise.reject(new Error("nothing is sold in a replay")),
    till: signal(null),
    settle: async () => {},
    leaveTill: () => {},
    cancel: async () => {},
    beCalled: async () => {},
    stayNameless: () => {},
    leave: () => {},
  };
}
