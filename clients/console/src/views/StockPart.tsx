import type { Movement, VariantView } from "@liveshop/client";
import { Button, dayAndTime, Field, Select } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { report, shop } from "../console.ts";
import { WHYS, type Goods, type Why } from "../goods.ts";
import { number, sentence, t } from "../texts/index.ts";

interface Props {
  readonly goods: Goods;
  readonly variant: VariantView;
}

/** How many units are in the warehouse, a correction with its reason, and where units went. */
export function StockPart({ goods, variant }: Props) {
  const [movements, setMovements] = useState<readonly Movement[]>([]);
  const [next, setNext] = useState<number>();
  const [refusal, setRefusal] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function read(before?: number) {
    try {
      const page = await shop.movements(variant.id, before);
      setMovements((shown) => (before === undefined ? page.movements : [...shown, ...page.movements]));
      setNext(page.next);
    } catch (error) {
      report(error);
    }
  }
  useEffect(() => void read(), [variant.id, variant.available]);

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const given = new FormData(form);
    const change = Number(given.get("change"));
    if (!Number.isInteger(change) || change === 0) {
      setRefusal(t("goods.fault_change"));
      return;
    }
    setBusy(true);
    setRefusal(undefined);
    const why = String(given.get("why")) as Why;
    if (await goods.adjust(variant.id, change, why, String(given.get("note")).trim())) form.reset();
    else {
      const { value } = goods.saving;
      if (value.is === "failed") setRefusal(sentence(value.error));
    }
    setBusy(false);
  }

  return (
    <section class="goods-section" aria-labelledby="goods-stock">
      <h3 id="goods-stock">
        {t("goods.stock")} <span class="tabular">{number(variant.available)}</span>
      </h3>
      <form class="form" onSubmit={submit} noValidate>
        <div class="form-row">
          <Field
            label={t("goods.change")}
            name="change"
            inputMode="text"
            placeholder="+5 / −2"
            autocomplete="off"
            onInput={({ currentTarget }) => {
              // A keyboard's minus and a typographer's are the same to whoever types.
              currentTarget.value = currentTarget.value.replace("−", "-");
            }}
            problem={refusal}
          />
          <Select label={t("goods.why")} name="why">
            {WHYS.map((why) => (
              <option key={why} value={why}>
                {t(`why.${why}`)}
              </option>
            ))}
          </Select>
        </div>
        <Field label={t("goods.note")} name="note" maxLength={500} />
        <Button type="submit" busy={busy}>
          {t("goods.adjust")}
        </Button>
      </form>
      <ul class="goods-movements">
        {movements.map((movement) => (
          <li key={movement.id}>
            <strong class="tabular">{signed(movement)}</strong>
            <span>
              {t(`why.${movement.why}`)}
              {movement.note && <small>{movement.note}</small>}
            </span>
            <time>{dayAndTime(movement.at)}</time>
          </li>
        ))}
      </ul>
      {next !== undefined && (
        <Button size="small" look="plain" onClick={() => read(next)}>
          {t("more")}
        </Button>
      )}
    </section>
  );
}

/** As the warehouse sees it; what moves elsewhere has no sign. */
function signed({ origin, destination, quantity }: Movement): string {
  if (destination === "warehouse") return `+${number(quantity)}`;
  return origin === "warehouse" ? `−${number(quantity)}` : number(quantity);
}
