import { Button } from "@liveshop/ui";
import { type Signal, useComputed, useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { rushes } from "../chatwindow.ts";
import { comfort } from "../comfort.ts";
import { useLive } from "../live.ts";
import { shelved, wide } from "../wide.ts";
import { t } from "../words/index.ts";
import { BagList } from "./BagList.tsx";
import { Chat } from "./Chat.tsx";
import { Composer } from "./Composer.tsx";
import { CouponChip } from "./CouponChip.tsx";
import { ConnectionPill } from "./ConnectionPill.tsx";
import "./LiveRoom.css";
import { HushNote } from "./HushNote.tsx";
import { PayStrip } from "./PayStrip.tsx";
import { PinnedCard } from "./PinnedCard.tsx";
import { type Opened, Sheets } from "./Sheets.tsx";
import { RehearsalBand } from "./RehearsalBand.tsx";
import { Shelf } from "./Shelf.tsx";
import { Shut } from "./Shut.tsx";
import { Stage } from "./Stage.tsx";
import { Timeline } from "./Timeline.tsx";
import { TopBar } from "./TopBar.tsx";

/** The room, as the viewer likes it. */
export function LiveRoom() {
  const live = useLive();
  const opened = useSignal<Opened>(null);
  const title = live.state.value.show?.title;
  useEffect(() => {
    if (title) document.title = `${title} · liveshop`;
  }, [title]);
  // What was open belongs to the other look.
  useEffect(() => void (opened.value = null), [comfort.value]);

  if (live.shut.value) return <Shut why={live.shut.value} />;
  return comfort.value ? <Calm opened={opened} /> : <Stagecraft opened={opened} />;
}

interface LookProps {
  readonly opened: Signal<Opened>;
}

/** Fetched by those who want it. */
function Calm({ opened }: LookProps) {
  const [Room, setRoom] = useState<ComponentType<LookProps>>();
  useEffect(() => {
    void import("./ComfortRoom.tsx").then(({ ComfortRoom }) => setRoom(() => ComfortRoom));
  }, []);
  return Room ? <Room opened={opened} /> : <main />;
}

/** One picture with everything on it on a phone, three columns on a desk. */
function Stagecraft({ opened }: LookProps) {
  const live = useLive();
  const name = useComputed(() => (rushes(live.chat.value) ? "live live-rush" : "live"));
  const over = wide.value ? "" : " on-stage";
  return (
    <main class={name}>
      {shelved.value && (
        <Shelf onOrders={() => (opened.value = "orders")}>
          <BagList />
        </Shelf>
      )}
      <div class="live-top on-stage">
        <RehearsalBand />
        <TopBar
          onMenu={() => (opened.value = "menu")}
          onShare={() => (opened.value = "share")}
        />
        <ConnectionPill />
      </div>
      <Stage />
      <div class={`live-talk${over}`}>
        <Chat />
        {!wide.value && <Offers onOrders={() => (opened.value = "orders")} />}
        {live.replay ? (
          <Timeline replay={live.replay} />
        ) : (
          <>
            <HushNote />
            <Composer onBag={() => (opened.value = "bag")} />
          </>
        )}
      </div>
      {wide.value && (
        <Offers
          onOrders={() => (opened.value = "orders")}
          {...(!shelved.value && { onBag: () => (opened.value = "bag") })}
        />
      )}
      <Sheets opened={opened} />
    </main>
  );
}

interface OffersProps {
  readonly onOrders: () => void;
  /** Where the bag is neither a column nor beside the line that one types. */
  readonly onBag?: () => void;
}

/** What there is to buy right now, and what is still to be paid. */
function Offers({ onOrders, onBag }: OffersProps) {
  const count = useLive().state.value.offers.length;
  return (
    <div class="live-offers">
      {onBag && (
        <Button class="live-bag" size="small" icon="bag" onClick={onBag}>
          {t("bag_items", { count })}
        </Button>
      )}
      <PayStrip onOrders={onOrders} />
      <CouponChip />
      <PinnedCard />
    </div>
  );
}
