import type { OfferView } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { numbered } from "../selling.ts";
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
  const offers = numbered(desk.offers.value);
  const running = desk.mine.value && show?.state !== "ended";
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
      <div class="panel-scroll">
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
