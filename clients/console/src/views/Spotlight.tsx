import type { OfferView } from "@liveshop/client";
import { Button, Countdown, IconButton } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { beside } from "../lineup.ts";
import { t } from "../texts/index.ts";
import { Extend } from "./Extend.tsx";
import { PhaseWords, usePhase } from "./PhaseWords.tsx";

/** Time for a host to say "ready?" and for viewers to find the button. */
const COUNTDOWN_S = 10;

interface Props {
  readonly desk: Desk;
}

/** What is on everyone's screen: how long still, what comes before and after, what to do now. */
export function Spotlight({ desk }: Props) {
  const { pinned } = desk.room.value;
  const offers = desk.offers.value;
  const offer = offers.find(({ id }) => id === pinned);
  const [before, after] = [beside(offers, pinned, -1), beside(offers, pinned, 1)];
  if (offers.length === 0) return null;
  const pin = (next: OfferView | undefined) => next && void desk.pin(next.id);
  return (
    <section class="spotlight" aria-label={t("spotlight.title")}>
      <IconButton
        class="spotlight-before"
        icon="chevron"
        label={t("spotlight.before")}
        aria-keyshortcuts="p"
        disabled={before === undefined}
        onClick={() => pin(before)}
      />
      <div class="spotlight-what">
        {offer ? <Now offer={offer} /> : <p>{t("screen.nothing")}</p>}
      </div>
      <IconButton
        icon="chevron"
        label={t("spotlight.after")}
        aria-keyshortcuts="n"
        disabled={after === undefined}
        onClick={() => pin(after)}
      />
      {offer && desk.may("sell") && <Deeds offer={offer} desk={desk} />}
    </section>
  );
}

function Now({ offer }: { readonly offer: OfferView }) {
  const phase = usePhase(offer);
  return (
    <>
      <strong>{offer.title}</strong>
      <p class={`spotlight-phase spotlight-${phase}`}>
        <PhaseWords
          offer={offer}
          phase={phase}
          clock={(to) => (
            <b class="spotlight-clock">
              <Countdown key={to} to={to} />
            </b>
          )}
        />
        {offer.state === "open" && (
          <span class="tabular">{t("run.left", { left: offer.left, of: offer.quantity })}</span>
        )}
      </p>
    </>
  );
}

function Deeds({ offer, desk }: { readonly offer: OfferView; readonly desk: Desk }) {
  const { id, title, state, closes_at } = offer;
  if (state === "closed" || (state === "open" && closes_at === undefined)) return null;
  const busy = desk.doing.value.has(`sell ${id}`);
  return (
    <div class="spotlight-deeds">
      {state === "draft" && (
        <>
          <Button
            size="small"
            look="strong"
            icon="bolt"
            busy={busy}
            aria-label={t("spotlight.start_it", { title })}
            onClick={() => desk.open(id, {})}
          >
            {t("spotlight.start")}
          </Button>
          <Button
            size="small"
            icon="clock"
            busy={busy}
            aria-label={t("spotlight.start_it_in", { title, s: COUNTDOWN_S })}
            onClick={() => desk.open(id, { countdown_s: COUNTDOWN_S })}
          >
            {t("spotlight.start_in", { s: COUNTDOWN_S })}
          </Button>
        </>
      )}
      <Extend offer={offer} desk={desk} />
    </div>
  );
}
