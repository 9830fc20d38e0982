import type { Ledger, OfferView } from "@liveshop/client";
import { useEffect, useState } from "preact/hooks";
import { coalesced, type Coalesced } from "../coalesce.ts";
import { report, shop } from "../console.ts";
import { number, t } from "../texts/index.ts";

/** A rush changes the figures a thousand times a second; nobody reads faster than this. */
const APART_MS = 1000;

const FIGURES = ["allocated", "available", "held", "sold", "in_flight"] as const;

interface Props {
  readonly offer: OfferView;
}

/** The ledger of an offer, read again whenever what is left changes. */
export function Figures({ offer }: Props) {
  const [ledger, setLedger] = useState<Ledger>();
  const [reading, setReading] = useState<Coalesced>();
  useEffect(() => {
    const read = coalesced(async () => {
      try {
        setLedger(await shop.ledger(offer.id));
      } catch (error) {
        report(error);
      }
    }, APART_MS);
    setReading(read);
    return () => read.stop();
  }, [offer.id]);
  useEffect(() => reading?.ask(), [reading, offer.version, offer.state]);
  if (ledger === undefined) return <p class="figures">{t("loading")}</p>;
  return (
    <div class="figures">
      <dl>
        {FIGURES.map((name) => (
          <div key={name}>
            <dt>{t(`ledger.${name}`)}</dt>
            <dd class="tabular">{number(ledger[name])}</dd>
          </div>
        ))}
      </dl>
      <p class={ledger.adds_up ? "figures-good" : "figures-bad"}>
        {t(ledger.adds_up ? "ledger.adds_up" : "ledger.off")}
      </p>
    </div>
  );
}
