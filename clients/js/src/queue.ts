/** The queues of a room's offers: how they move, and where the viewer stands in them. */

import type { PlaceInQueue, ServerMessage } from "./messages.ts";

export interface Queueing {
  readonly entrants: number;
  /** The last place that had its turn. */
  readonly called: number;
  /** `null` for who did not enter. */
  readonly mine: PlaceInQueue | null;
}

/** By the offer's id. */
export type Queues = Readonly<Record<string, Queueing>>;

const UNKNOWN: Queueing = { entrants: 0, called: 0, mine: null };

/** `queues` after `change`; the same object when nothing changed. */
export function queuedUp(queues: Queues, change: ServerMessage): Queues {
  switch (change.type) {
    case "joined": {
      const mine = new Map((change.you.queued ?? []).map((place) => [place.offer, place]));
      const offers = new Set([...Object.keys(queues), ...mine.keys()]);
      return Object.fromEntries(
        [...offers].map((id) => [id, { ...(queues[id] ?? UNKNOWN), mine: mine.get(id) ?? null }]),
      );
    }
    case "queue": {
      // The numbers only grow: what is smaller is older.
      const { entrants, called, mine } = queues[change.offer] ?? UNKNOWN;
      const newer = {
        entrants: Math.max(entrants, change.entrants),
        called: Math.max(called, change.called ?? 0),
      };
      if (newer.entrants === entrants && newer.called === called) return queues;
      return { ...queues, [change.offer]: { ...newer, mine } };
    }
    case "entered":
      return stands(queues, change.offer, { offer: change.offer, place: change.place ?? 0 });
    case "admitted": {
      const { offer, admission, until } = change;
      const place = queues[offer]?.mine?.place ?? 0;
      return stands(queues, offer, { offer, place, admission, until });
    }
    case "reserved":
      return over(queues, change.offer);
    case "refused":
      return change.reason === "turn_over" || change.reason === "turn_used"
        ? over(queues, change.offer)
        : queues;
    case "offer":
      return change.offer.state === "closed" && queues[change.offer.id]?.mine
        ? stands(queues, change.offer.id, null)
        : queues;
    default:
      return queues;
  }
}

function stands(queues: Queues, offer: string, mine: PlaceInQueue | null): Queues {
  return { ...queues, [offer]: { ...(queues[offer] ?? UNKNOWN), mine } };
}

/** An admission buys once; it is kept for a try that is sent again. */
function over(queues: Queues, offer: string): Queues {
  const mine = queues[offer]?.mine;
  if (mine?.admission === undefined || mine.over) return queues;
  return stands(queues, offer, { ...mine, over: true });
}
