import type { OrderView, Parcel } from "@liveshop/client";
import { Button, countryName, Field } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { sentence, t } from "../texts/index.ts";

interface Props {
  readonly order: OrderView;
  readonly desk: Desk;
}

/** Where a parcel goes and what else is in it; and the next step of its way. */
export function ParcelPart({ order, desk }: Props) {
  const [parcel, setParcel] = useState<Parcel | null>(null);
  const [problem, setProblem] = useState<string>();
  const { shipment, shipment_state: state } = order;
  const busy = desk.doing.value.has(`parcel ${shipment}`);

  useEffect(() => {
    let current = true;
    desk.parcelOf(order).then(
      (found) => current && setParcel(found),
      (error: unknown) => current && setProblem(sentence(error)),
    );
    return () => void (current = false);
  }, [shipment, state]);

  function ship(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [carrier, tracking] = [String(form.get("carrier")), String(form.get("tracking"))];
    void desk.ship(order, { carrier: carrier.trim(), tracking: tracking.trim() });
  }

  return (
    <section class="order-part">
      <h3>
        {t("parcel.title")}
        {state && <span class={`chip chip-${state}`}>{t(`order.${state}`)}</span>}
      </h3>
      {problem && <p class="field-problem">{problem}</p>}
      {parcel && (
        <>
          <address>
            {linesOf(parcel).map((line) => (
              <span key={line}>{line}</span>
            ))}
          </address>
          <p class="order-quiet">{parcel.shipment.option}</p>
          {parcel.lines.length > 1 && (
            <ul class="order-quiet">
              {parcel.lines.map((line) => (
                <li key={line.order}>
                  {line.quantity} × {[line.title, ...(line.options ?? [])].join(" · ")}
                </li>
              ))}
            </ul>
          )}
        </>
      )}
      {(order.carrier ?? order.tracking) && (
        <p class="tabular">{[order.carrier, order.tracking].filter(Boolean).join(" · ")}</p>
      )}
      {state === "open" && (
        <Button wide busy={busy} onClick={() => desk.pack(order)}>
          {t("parcel.pack")}
        </Button>
      )}
      {(state === "open" || state === "packed") && (
        <form class="order-form" onSubmit={ship}>
          <div class="order-pair">
            <Field label={t("parcel.carrier")} name="carrier" required maxLength={60} />
            <Field label={t("parcel.tracking")} name="tracking" maxLength={80} />
          </div>
          <Button type="submit" look="strong" wide busy={busy}>
            {t("parcel.ship")}
          </Button>
        </form>
      )}
      {state === "shipped" && (
        <Button wide icon="check" busy={busy} onClick={() => desk.deliver(order)}>
          {t("parcel.deliver")}
        </Button>
      )}
    </section>
  );
}

function linesOf({ address }: Parcel): readonly string[] {
  const { name, lines, city, region, postcode, country, phone } = address;
  const town = [postcode, city, region].filter(Boolean).join(" ");
  return [name, ...lines, town, countryName(country), phone ?? ""].filter(Boolean);
}
