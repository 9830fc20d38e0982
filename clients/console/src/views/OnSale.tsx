import type { Desk } from "../desk.ts";
import { numbered, shareTaken } from "../selling.ts";
import { t } from "../texts/index.ts";
import { PhaseChip } from "./PhaseChip.tsx";

interface Props {
  readonly desk: Desk;
}

/** Every open offer with how far it has sold, those that are going first. */
export function OnSale({ desk }: Props) {
  const open = numbered(desk.offers.value)
    .filter(({ offer }) => offer.state === "open")
    .sort((a, b) => shareTaken(b.offer) - shareTaken(a.offer) || a.n - b.n);
  if (open.length === 0) return <p class="empty">{t("screen.no_stock")}</p>;
  return (
    <ul class="on-sale" tabIndex={0} aria-label={t("screen.stock")}>
      {open.map(({ n, offer }) => (
        <li key={offer.id}>
          <div class="on-sale-head">
            <span class="run-number tabular">{n}</span>
            <strong>{offer.title}</strong>
          </div>
          <div class="on-sale-bar" aria-hidden="true">
            <div style={{ transform: `scaleX(${shareTaken(offer)})` }} />
          </div>
          <div class="on-sale-foot">
            <span class="tabular">{t("run.left", { left: offer.left, of: offer.quantity })}</span>
            <PhaseChip offer={offer} />
          </div>
        </li>
      ))}
    </ul>
  );
}
