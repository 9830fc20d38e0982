import type { ShowDetail, ShowView } from "@liveshop/client";
import { Avatar, dayAndTime, LiveBadge, Picture } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { shop } from "../account.ts";
import { showPath } from "../route.ts";
import { t } from "../words/index.ts";
import "./ShowCard.css";

interface Props {
  readonly show: ShowView;
}

/** One big and two small ones make a shop window. */
const IN_THE_WINDOW = 3;

export function ShowCard({ show }: Props) {
  const pictures = useSignal<readonly string[]>([]);

  useEffect(() => {
    shop.get<ShowDetail>(`/api/shows/${encodeURIComponent(show.id)}`).then(
      (detail) => (pictures.value = windowOf(detail)),
      () => undefined, // A card without pictures is still a card.
    );
  }, [show.id, show.state]);

  return (
    <a class={`show-card show-card-${show.state}`} href={showPath(show.id)}>
      <div class={`show-window show-window-${pictures.value.length}`}>
        {pictures.value.map((picture) => (
          <Picture key={picture} src={picture} />
        ))}
      </div>
      <div class="show-words on-stage">
        {show.state === "live" && <LiveBadge />}
        <h3>{show.title}</h3>
        <p>
          <Avatar name={show.host_name} />
          <span>{show.host_name}</span>
        </p>
        {show.state !== "live" && <p>{when(show)}</p>}
      </div>
    </a>
  );
}

function when({ state, starts_at, ended_at }: ShowView): string {
  if (state === "ended")
    return ended_at ? t("ended_at", { when: dayAndTime(ended_at) }) : t("ended");
  return starts_at ? t("starts_at", { when: dayAndTime(starts_at) }) : t("starts_soon");
}

/** What is on screen first, then different things. */
function windowOf({ offers, pinned }: ShowDetail): readonly string[] {
  const first = offers.toSorted((a, b) => Number(b.id === pinned) - Number(a.id === pinned));
  const pictures = first.flatMap(({ picture }) => (picture === undefined ? [] : [picture]));
  return [...new Set(pictures)].slice(0, IN_THE_WINDOW);
}
