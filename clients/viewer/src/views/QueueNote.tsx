import type { OfferView } from "@liveshop/client";
import { Icon, serverNow, when } from "@liveshop/ui";
import { useLive } from "../live.ts";
import type { Offering } from "../offering.ts";
import { t } from "../words/index.ts";
import "./QueueNote.css";

interface Props {
  readonly offer: OfferView;
  readonly offering: Offering;
}

/** How the queue of an offer stands, for this viewer. */
export function QueueNote({ offer, offering }: Props) {
  const note = useNote(offer, offering);
  if (note === null) return null;
  return (
    <p class={`queue-note queue-note-${offering}`}>
      <Icon name={offering === "turn" ? "bolt" : "clock"} />
      <span>{note}</span>
    </p>
  );
}

function useNote({ id, opens_at }: OfferView, offering: Offering): string | null {
  const { entrants: count = 0, mine } = useLive().state.value.queues[id] ?? {};
  const drawn_at = opens_at === undefined ? "" : when(opens_at, serverNow());
  switch (offering) {
    case "enter":
      return t("queue_enter", { when: drawn_at });
    case "entered":
      // The number of entrants comes a moment later.
      return count === 0
        ? t("queue_entered", { when: drawn_at })
        : t("queue_entered_of", { when: drawn_at, count });
    case "drawing":
      return t("queue_drawing");
    case "queued":
      return t("queue_place", { place: mine?.place ?? 0, count: Math.max(count, mine?.place ?? 0) });
    case "turn":
      return t("queue_turn");
    case "missed":
      return t("queue_missed");
    case "enter_late":
      return t("queue_late");
    default:
      return null;
  }
}
