/** The lines a viewer stands in, by the id of the sold-out offer they wait for. */

import type { PlaceInLine, ServerMessage } from "./messages.ts";

export type Lines = Readonly<Record<string, PlaceInLine>>;

/** `lines` after `change`; the same object when nothing changed. */
export function linedUp(lines: Lines, change: ServerMessage): Lines {
  switch (change.type) {
    case "joined":
      return Object.fromEntries((change.you.waiting ?? []).map((place) => [place.offer, place]));
    case "waiting": {
      const { offer, place, quantity = 1 } = change;
      return { ...lines, [offer]: { offer, place, quantity } };
    }
    case "unwaited":
      return without(lines, change.offer);
    case "reserved":
      return change.waited === true ? without(lines, change.offer) : lines;
    case "offer":
      return change.offer.state === "closed" ? without(lines, change.offer.id) : lines;
    default:
      return lines;
  }
}

function without(lines: Lines, offer: string): Lines {
  if (!(offer in lines)) return lines;
  const { [offer]: _gone, ...others } = lines;
  return others;
}
