import type { OfferView } from "@liveshop/client";
import { Button, IconButton } from "@liveshop/ui";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { stepped, type Before } from "../lineup.ts";
import { closedLast, numbered } from "../selling.ts";
import { t } from "../texts/index.ts";
import { AddOffer } from "./AddOffer.tsx";
import { NoteField } from "./NoteField.tsx";
import { RunRow } from "./RunRow.tsx";
import { Spotlight } from "./Spotlight.tsx";
import { useDrag } from "./useDrag.ts";
import "../style/run.css";
import "../style/spotlight.css";

interface Props {
  readonly desk: Desk;
}

/** What is for sale in this show, in the order of the bag, and what can be done with each. */
export function RunOfShow({ desk }: Props) {
  // Closed, open for any product, or open for the variant of an offer that sold before.
  const [adding, setAdding] = useState<OfferView | "any">();
  const [noting, setNoting] = useState(false);
  const [told, setTold] = useState("");
  const { show, pinned } = desk.room.value;
  const offers = closedLast(numbered(desk.offers.value));
  const running = show?.state !== "ended";
  const notes = desk.may("run_show", "moderate");
  const sells = running && desk.may("sell");
  const sorting = running && notes;
  const movable = offers.filter(({ offer }) => offer.state !== "closed").map(({ offer }) => offer);
  const ids = movable.map(({ id }) => id);
  const list = useRef<HTMLDivElement>(null);
  // A row that is moved in the page loses the focus that was in it.
  const focused = useRef<string | null>(null);
  useEffect(() => {
    if (list.current) bringIntoView(list.current);
  }, [pinned]);
  useLayoutEffect(() => {
    if (focused.current === null) return;
    list.current?.querySelector<HTMLElement>(`[data-handle="${focused.current}"]`)?.focus();
    focused.current = null;
  });

  function move(id: string, before: Before): void {
    const moved = movable.find((offer) => offer.id === id);
    if (moved === undefined) return;
    void desk.move(id, before);
    const { n = 0 } = numbered(desk.offers.value).find(({ offer }) => offer.id === id) ?? {};
    setTold(t("run.sorted", { title: moved.title, n }));
  }
  function step(id: string, by: -1 | 1): void {
    const before = stepped(ids, id, by);
    if (before === undefined) return;
    focused.current = id;
    move(id, before);
  }
  const drag = useDrag(move);

  return (
    <section class="panel desk-run" aria-labelledby="run-title">
      <header class="panel-head">
        <h2 id="run-title">{t("run.title")}</h2>
        <div class="run-head-deeds">
          {notes && (
            <IconButton
              icon="note"
              label={t("note.of_show")}
              aria-expanded={noting}
              onClick={() => setNoting(!noting)}
            />
          )}
          {sells && (
            <Button size="small" icon="plus" onClick={() => setAdding("any")}>
              {t("run.add")}
            </Button>
          )}
        </div>
      </header>
      {noting && (
        <div class="run-show-note">
          <NoteField desk={desk} offer="" label={t("note.of_show")} />
        </div>
      )}
      {running && desk.may("sell", "run_show") && <Spotlight desk={desk} />}
      <div class="panel-scroll" ref={list}>
        {offers.length === 0 && <p class="empty">{t(sells ? "run.none" : "run.empty")}</p>}
        <ol class="run">
          {offers.map(({ n, offer }) => (
            <RunRow
              key={offer.id}
              n={n}
              offer={offer}
              pinned={offer.id === pinned}
              desk={desk}
              running={running}
              sorting={sorting && offer.state !== "closed" && ids.length > 1}
              drag={drag}
              onStep={(by) => step(offer.id, by)}
              onAgain={() => setAdding(offer)}
            />
          ))}
        </ol>
      </div>
      <p class="hidden-visually" role="status">
        {told}
      </p>
      {adding && (
        <AddOffer
          desk={desk}
          again={adding === "any" ? undefined : adding}
          onClose={() => setAdding(undefined)}
        />
      )}
    </section>
  );
}

/** Scroll the list, and nothing around it, to the offer on screen. */
function bringIntoView(list: HTMLElement): void {
  const row = list.querySelector("[aria-current=true]")?.getBoundingClientRect();
  if (row === undefined) return;
  const { top, bottom } = list.getBoundingClientRect();
  const by = row.top < top ? row.top - top : Math.max(0, row.bottom - bottom);
  list.scrollBy({ top: by, behavior: "smooth" });
}
