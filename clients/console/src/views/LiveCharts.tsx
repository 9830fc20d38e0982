import { useEffect, useState } from "preact/hooks";
import { report, shop } from "../console.ts";
import type { Desk } from "../desk.ts";
import { minutesOf, type Minutes } from "../minutes.ts";
import { Charts } from "./Charts.tsx";

interface Props {
  readonly desk: Desk;
}

/** The charts of a show, from its beginning, and growing while it runs. */
export function LiveCharts({ desk }: Props) {
  const [minutes, setMinutes] = useState<Minutes>();
  useEffect(() => {
    const grows = () => desk.room.peek().show?.state === "live";
    const read = minutesOf(desk.show, shop, grows, report);
    setMinutes(read);
    return () => read.stop();
  }, [desk]);
  if (minutes === undefined) return null;
  const currency = desk.tally.value?.currency ?? desk.room.value.offers[0]?.currency ?? "USD";
  return <Charts series={minutes.series.value} currency={currency} />;
}
