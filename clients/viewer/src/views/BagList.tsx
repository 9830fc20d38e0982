import { Icon } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./BagList.css";
import { Empty } from "./Empty.tsx";
import { OfferCard } from "./OfferCard.tsx";

/** With fewer, everything is in sight anyway. */
const WORTH_SEARCHING = 6;

/** Everything in the bag, what is on screen first. */
export function BagList() {
  const { state, onScreen } = useLive();
  const { offers } = state.value;
  const pinned = onScreen.value;
  const query = useSignal("");
  const wanted = query.value.trim().toLocaleLowerCase();
  const found = offers
    .filter(({ title, options = [] }) =>
      [title, ...options].join(" ").toLocaleLowerCase().includes(wanted),
    )
    .toSorted((a, b) => Number(b.id === pinned) - Number(a.id === pinned));

  return (
    <div class="bag-list">
      {offers.length >= WORTH_SEARCHING && (
        <label class="bag-search">
          <Icon name="search" />
          <input
            type="search"
            aria-label={t("search")}
            placeholder={t("search")}
            value={query.value}
            onInput={({ currentTarget }) => (query.value = currentTarget.value)}
          />
        </label>
      )}
      <ul>
        {found.map((offer) => (
          <li key={offer.id}>
            <OfferCard offer={offer} pinned={offer.id === pinned} />
          </li>
        ))}
      </ul>
      {found.length === 0 && (
        <Empty
          icon="bag"
          title={wanted ? t("bag_nothing", { query: query.value.trim() }) : t("bag_empty")}
        />
      )}
    </div>
  );
}
