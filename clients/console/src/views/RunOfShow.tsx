import type { OfferView } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { closedLast, numbered } from "../selling.ts";
import { t } from "../texts/index.ts";
import { AddOffer } from "./AddOffer.tsx";
import { RunRow } from "./RunRow.tsx";
import "../style/run.css";

interface Props {
  readonly desk: Desk;
}

/** What is for sale in this show, in the order of the bag, and what can be done with each. */
export function RunOfShow({ desk }: Props) {
  // Closed, open for any product, or open for the variant of an offer that sold before.
  const [adding, setAdding] = useState<OfferView | "any">();
  const { show, pinned } = desk.room.value;
  const offers = closedLast(numbered(desk.offers.value));
  const running = desk.mine.value && show?.state !== "ended";
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (list.current) bringIntoView(list.current);
  }, [pinned]);
  return (
    <section class="panel desk-run" aria-labelledby="run-title">
      <header class="panel-head">
        <h2 id="run-title">{t("run.title")}</h2>
        {running && (
          <Button size="small" icon="plus" onClick={() => setAdding("any")}>
            {t("run.add")}
          </Button>
        )}
      </header>
      <div class="panel-scroll" ref={list}>
        {offers.length === 0 && <p class="empty">{t("run.none")}</p>}
        <ol class="run">
          {offers.map(({ n, offer }) => (
            <RunRow
              key={offer.id}
              n={n}
              offer={offer}
              pinned={offer.id === pinned}
              desk={desk}
              running={running}
              onAgain={() => setAdding(offer)}
            />
          ))}
        </ol>
      </div>
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
