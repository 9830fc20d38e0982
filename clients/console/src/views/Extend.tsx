import type { OfferView } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";

/** "Thirty seconds more, for those who have just come!" */
const STEPS_S = [30, 60] as const;

interface Props {
  readonly offer: OfferView;
  readonly desk: Desk;
}

/** More time for what is being sold; nothing for what has no end. */
export function Extend({ offer, desk }: Props) {
  const { id, title, state, closes_at } = offer;
  if (state !== "open" || closes_at === undefined) return null;
  const busy = desk.doing.value.has(`sell ${id}`);
  return STEPS_S.map((s) => (
    <Button
      key={s}
      size="small"
      busy={busy}
      aria-label={t("run.extend_it", { s, title })}
      onClick={() => desk.extend(id, s)}
    >
      {t("run.extend", { s })}
    </Button>
  ));
}
