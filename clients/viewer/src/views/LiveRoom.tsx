import { Button } from "@liveshop/ui";
import { useComputed, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { rushes } from "../chatwindow.ts";
import { useLive } from "../live.ts";
import { shelved, wide } from "../wide.ts";
import { t } from "../words/index.ts";
import { BagList } from "./BagList.tsx";
import { BagSheet } from "./BagSheet.tsx";
import { Chat } from "./Chat.tsx";
import { CheckoutSheet } from "./CheckoutSheet.tsx";
import { Composer } from "./Composer.tsx";
import { CouponChip } from "./CouponChip.tsx";
import { ConnectionPill } from "./ConnectionPill.tsx";
import "./LiveRoom.css";
import { HushNote } from "./HushNote.tsx";
import { MenuSheet } from "./MenuSheet.tsx";
import { NameSheet } from "./NameSheet.tsx";
import { OrdersSheet } from "./OrdersSheet.tsx";
import { PayStrip } from "./PayStrip.tsx";
import { PinnedCard } from "./PinnedCard.tsx";
import { ShareSheet } from "./ShareSheet.tsx";
import { Shelf } from "./Shelf.tsx";
import { Shut } from "./Shut.tsx";
import { Stage } from "./Stage.tsx";
import { Timeline } from "./Timeline.tsx";
import { TopBar } from "./TopBar.tsx";

export type Opened = "bag" | "orders" | "menu" | "share" | null;

/** The room: one picture with everything on it on a phone, three columns on a desk. */
export function LiveRoom() {
  const live = useLive();
  const opened = useSignal<Opened>(null);
  const close = (): void => void (opened.value = null);
  const title = live.state.value.show?.title;
  useEffect(() => {
    if (title) document.title = `${title} · liveshop`;
  }, [title]);

  const name = useComputed(() => (rushes(live.chat.value) ? "live live-rush" : "live"));

  if (live.shut.value) return <Shut why={live.shut.value} />;
  const over = wide.value ? "" : " on-stage";
  return (
    <main class={name}>
      {shelved.value && (
        <Shelf onOrders={() => (opened.value = "orders")}>
          <BagList />
        </Shelf>
      )}
      <Stage />
      <div class="live-top on-stage">
        <TopBar
          onMenu={() => (opened.value = "menu")}
          onShare={() => (opened.value = "share")}
        />
        <ConnectionPill />
      </div>
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
      {opened.value === "bag" && (
        <BagSheet onClose={close} onOrders={() => (opened.value = "orders")} />
      )}
      {opened.value === "orders" && <OrdersSheet onClose={close} />}
      {opened.value === "menu" && (
        <MenuSheet onClose={close} onOrders={() => (opened.value = "orders")} />
      )}
      {opened.value === "share" && <ShareSheet onClose={close} />}
      {live.till.value && <CheckoutSheet till={live.till.value} />}
      {live.nameless.value && <NameSheet />}
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
