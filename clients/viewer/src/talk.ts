/** What this viewer is about to say, and which line of the chat they have in hand. */

import type { ChatLine, Mention, Saying, Sender } from "@liveshop/client";
import { batch, type Signal, signal } from "@preact/signals";

/** What the room takes in one line. */
export const LONGEST_LINE = 300;

export interface Draft extends Saying {
  readonly text: string;
  readonly answering: ChatLine | null;
}

export interface Talk {
  readonly text: Signal<string>;
  /** The line that is being answered. */
  readonly answering: Signal<ChatLine | null>;
  /** The line whose menu is open. */
  readonly picked: Signal<ChatLine | null>;
  /** Whether the newest lines are in sight. */
  readonly following: Signal<boolean>;
  /** Counts how often the field was asked for. */
  readonly wanted: Signal<number>;
  answer(line: ChatLine): void;
  /** Call someone by name. */
  call(someone: Sender): void;
  /** Take what is written out of the field; null if nothing is. */
  take(): Draft | null;
  /** Put back what was refused, unless something else was begun meanwhile. */
  putBack(draft: Draft): void;
}

export function talkOf(): Talk {
  const text = signal("");
  const answering = signal<ChatLine | null>(null);
  const picked = signal<ChatLine | null>(null);
  const following = signal(true);
  const wanted = signal(0);
  /** Who was picked: of several with one name, this one is meant. */
  let meant: readonly Mention[] = [];

  return {
    text,
    answering,
    picked,
    following,
    wanted,
    answer: (line) =>
      batch(() => {
        picked.value = null;
        answering.value = line;
        wanted.value += 1;
      }),
    call: ({ id, name }) =>
      batch(() => {
        picked.value = null;
        const before = text.value === "" || text.value.endsWith(" ") ? text.value : `${text.value} `;
        text.value = `${before}@${name} `.slice(0, LONGEST_LINE);
        meant = [...meant, { id, name }];
        wanted.value += 1;
      }),
    take() {
      const line = text.value.trim();
      if (line === "") return null;
      const draft: Draft = {
        text: line,
        answering: answering.value,
        reply_to: answering.value?.id,
        mentions: meant,
      };
      batch(() => {
        text.value = "";
        answering.value = null;
        following.value = true;
      });
      meant = [];
      return draft;
    },
    putBack(draft) {
      if (text.value !== "") return;
      batch(() => {
        text.value = draft.text;
        answering.value ??= draft.answering;
      });
      meant = draft.mentions ?? [];
    },
  };
}
