import type { OfferView } from "@liveshop/client";
import { Countdown, daysOff, Icon, serverNow, when } from "@liveshop/ui";
import type { Offering } from "../offering.ts";
import { t } from "../words/index.ts";

interface Props {
  readonly offer: OfferView;
  readonly pinned: boolean;
  readonly offering: Offering;
}

/** What is particular about an offer; nothing for what is sold every day. */
export function OfferTags({ offer, pinned, offering }: Props) {
  const flash = offer.kind === "flash";
  const term = termOf(offer, offering);
  if (!flash && !pinned && term === null) return null;
  return (
    <p class="offer-tags">
      {flash && (
        <span class="offer-flash">
          <Icon name="bolt" solid />
          {t("flash")}
        </span>
      )}
      {term ?? <span>{flash ? t("limit", { count: offer.limit_per_buyer }) : t("on_screen")}</span>}
    </p>
  );
}

/** When it ends, or when it opens if the button says no more than the days. */
function termOf({ kind, opens_at, closes_at }: OfferView, offering: Offering) {
  switch (offering) {
    case "buy":
    case "buy_another":
      return kind === "flash" && closes_at !== undefined ? (
        <span>
          {t("ends_in")} <Countdown key={closes_at} to={closes_at} />
        </span>
      ) : null;
    case "coming":
    case "enter":
    case "entered":
      return opens_at !== undefined && daysOff(opens_at, serverNow()) > 0 ? (
        <span>{t("opens_at", { when: when(opens_at, serverNow()) })}</span>
      ) : null;
    default:
      return null;
  }
}
