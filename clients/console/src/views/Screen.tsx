import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { Broadcast } from "./Broadcast.tsx";
import { LiveCharts } from "./LiveCharts.tsx";
import { Numbers } from "./Numbers.tsx";
import { OnSale } from "./OnSale.tsx";
import { Preview } from "./Preview.tsx";
import { ViewerLinks } from "./ViewerLinks.tsx";
import "../style/screen.css";

interface Props {
  readonly desk: Desk;
}

/** How the show looks from outside, and how it goes. */
export function Screen({ desk }: Props) {
  return (
    <section class="panel desk-screen" aria-labelledby="screen-title">
      <Numbers desk={desk} />
      {desk.may("numbers") && <LiveCharts desk={desk} />}
      <div class="screen-halves">
        <div class="screen-half">
          <h2 id="screen-title">{t("screen.title")}</h2>
          <Preview desk={desk} />
          <ViewerLinks show={desk.show} />
        </div>
        <div class="screen-half">
          <Broadcast desk={desk} />
          <h2>{t("screen.stock")}</h2>
          <OnSale desk={desk} />
        </div>
      </div>
    </section>
  );
}
