import { Button, LiveBadge, Sheet } from "@liveshop/ui";
import type { Signal } from "@preact/signals";
import { setComfort } from "../comfort.ts";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import { Chat } from "./Chat.tsx";
import "./ComfortRoom.css";
import { Composer } from "./Composer.tsx";
import { ConnectionPill } from "./ConnectionPill.tsx";
import { HushNote } from "./HushNote.tsx";
import { Interlude } from "./Interlude.tsx";
import { PayStrip } from "./PayStrip.tsx";
import { PinnedCard } from "./PinnedCard.tsx";
import { Player } from "./Player.tsx";
import { RehearsalBand } from "./RehearsalBand.tsx";
import { ReplayVideo } from "./ReplayVideo.tsx";
import { type Opened, Sheets } from "./Sheets.tsx";
import { Timeline } from "./Timeline.tsx";

interface Props {
  readonly opened: Signal<Opened>;
}

/** One thing below the other: the picture, what is on sale, and four large buttons. */
export function ComfortRoom({ opened }: Props) {
  const { state, replay } = useLive();
  const { show, viewers, offers } = state.value;
  const live = show?.state === "live";
  const open = (what: Opened) => () => void (opened.value = what);
  return (
    <main class="comfort-room">
      <header class="comfort-head">
        <h1>{show?.title}</h1>
        <p>
          {live && <LiveBadge />}
          {show && <span>{show.host_name}</span>}
          {live && <span class="tabular">{t("viewers", { count: viewers })}</span>}
        </p>
        <RehearsalBand />
        <ConnectionPill />
      </header>
      <div class="comfort-picture">{replay ? <ReplayVideo replay={replay} /> : <Player />}</div>
      {show && !live && !replay && <Interlude show={show} />}
      {replay && <Timeline replay={replay} />}
      <div class="comfort-sale">
        <PayStrip onOrders={open("orders")} />
        <PinnedCard />
      </div>
      <nav class="comfort-more" aria-label={t("menu")}>
        <Button wide icon="bag" onClick={open("bag")}>
          {t("bag_items", { count: offers.length })}
        </Button>
        <Button wide icon="chat" onClick={open("chat")}>
          {t("chat")}
        </Button>
        <Button wide icon="receipt" onClick={open("orders")}>
          {t("my_orders")}
        </Button>
        <Button wide icon="more" onClick={open("menu")}>
          {t("menu")}
        </Button>
        <Button wide onClick={() => setComfort(false)}>
          <span class="comfort-letter" aria-hidden="true">
            A
          </span>
          {t("comfort_off")}
        </Button>
      </nav>
      {opened.value === "chat" && (
        <Sheet title={t("chat")} onClose={open(null)}>
          <div class="comfort-chat">
            <Chat />
            {replay === null && (
              <>
                <HushNote />
                <Composer onBag={open("bag")} />
              </>
            )}
          </div>
        </Sheet>
      )}
      <Sheets opened={opened} />
    </main>
  );
}
