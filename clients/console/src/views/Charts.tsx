import type { Minute } from "@liveshop/client";
import { compact, money, time, unit } from "@liveshop/ui";
import { useMemo, useState } from "preact/hooks";
import { columns, extent, METRICS, type Metric } from "../series.ts";
import { t } from "../texts/index.ts";
import { Chart } from "./Chart.tsx";
import "../style/picks.css";
import "../style/charts.css";

/** An hour, newest first: what somebody reads line by line. */
const ROWS_SHOWN = 60;

const BARS: ReadonlySet<Metric> = new Set(["chat", "clicks", "orders", "takings"]);

const NAMES = {
  viewers: ["chart.viewers", "chart.viewers_peak"],
  chat: ["chart.chat"],
  clicks: ["chart.clicks"],
  orders: ["chart.orders", "chart.paid"],
  takings: ["chart.takings"],
  conversion: ["chart.conversion"],
  delivery: ["chart.delivery_p50", "chart.delivery_p99"],
} as const;

interface Props {
  readonly series: readonly Minute[];
  readonly currency: string;
}

/** How the show goes, minute by minute: one figure at a time, and the same as a table. */
export function Charts({ series, currency }: Props) {
  const [metric, setMetric] = useState<Metric>("viewers");
  const drawn = useMemo(
    () => columns(series, metric, unit(currency)),
    [series, metric, currency],
  );
  const say = useMemo(() => sayer(metric, currency), [metric, currency]);
  const names = NAMES[metric].map((name) => t(name));
  const known = extent(drawn.lines[0] ?? []);
  return (
    <section class="charts" aria-labelledby="charts-title">
      <h2 id="charts-title" class="hidden-visually">
        {t("chart.title")}
      </h2>
      <div class="picks" role="group" aria-label={t("chart.pick")}>
        {METRICS.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={name === metric}
            onClick={() => setMetric(name)}
          >
            {t(`chart.of_${name}`)}
          </button>
        ))}
      </div>
      {known === null ? (
        <p class="charts-none">{t("chart.none")}</p>
      ) : (
        <>
          <p class="hidden-visually">
            {t("chart.sentence", {
              name: names[0] ?? "",
              last: say(known.last),
              most: say(known.most),
            })}
          </p>
          <Chart key={metric} columns={drawn} names={names} bars={BARS.has(metric)} say={say} />
        </>
      )}
      {known !== null && (
        <details class="charts-table">
          <summary>{t("chart.table")}</summary>
          <div class="charts-scroll" tabIndex={0} role="group" aria-label={t("chart.table")}>
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("chart.minute")}</th>
                  {names.map((name) => (
                    <th key={name} scope="col">
                      {name}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {drawn.at
                  .map((at, n) => [at, drawn.lines.map((line) => line[n] ?? null)] as const)
                  .slice(-ROWS_SHOWN)
                  .toReversed()
                  .map(([at, values]) => (
                    <tr key={at}>
                      <th scope="row" class="tabular">
                        {time(at * 1000)}
                      </th>
                      {values.map((value, n) => (
                        <td key={n} class="tabular">
                          {value === null ? "–" : say(value)}
                        </td>
                      ))}
                    </tr>
                  ))}
              </tbody>
            </table>
          </div>
        </details>
      )}
    </section>
  );
}

function sayer(metric: Metric, currency: string): (value: number) => string {
  switch (metric) {
    case "takings":
      return (value) => money(Math.round(value * unit(currency)), currency);
    case "conversion":
      return (value) => t("chart.percent", { n: Math.round(value) });
    case "delivery":
      return (value) => t("chart.ms", { n: Number(value.toFixed(1)) });
    default:
      return (value) => compact(Math.round(value * 10) / 10);
  }
}
