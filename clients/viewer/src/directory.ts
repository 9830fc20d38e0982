/** The directory as this page knows it. Pure. */

import type { Directory, Reminder, ShowCard } from "@liveshop/client";

export interface Front {
  readonly directory: Directory | null;
  /** The last look failed; what was seen before is still shown. */
  readonly failed: boolean;
  /** When it was looked at, on the server's clock. */
  readonly at: number;
}

export type Heard =
  | { readonly heard: "directory"; readonly directory: Directory; readonly at: number }
  | { readonly heard: "nothing" }
  | { readonly heard: "reminder"; readonly show: string; readonly reminded: boolean };

export const unseen: Front = { directory: null, failed: false, at: 0 };

export function after(front: Front, heard: Heard): Front {
  switch (heard.heard) {
    case "directory":
      return { directory: heard.directory, failed: false, at: heard.at };
    case "nothing":
      return { ...front, failed: true };
    case "reminder": {
      if (front.directory === null) return front;
      const coming = front.directory.coming.map((card) =>
        card.show.id === heard.show ? remindedOf(card, heard.reminded) : card,
      );
      return { ...front, directory: { ...front.directory, coming } };
    }
  }
}

/** Who follows the host is told anyway, whatever is asked for of one show. */
function remindedOf(card: ShowCard, reminded: boolean): ShowCard {
  const { reminder, ...rest } = card;
  if (reminder === "follows") return card;
  return reminded ? { ...rest, reminder: "asked" } : rest;
}

/** Which shows of the directory this viewer is told of. */
export function remindersIn({ live, coming }: Directory): readonly Reminder[] {
  return [...live, ...coming].flatMap(({ show, reminder }) =>
    reminder === undefined ? [] : [{ show, why: reminder }],
  );
}
