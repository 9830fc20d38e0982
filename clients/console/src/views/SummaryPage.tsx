import type { Minute, ShowSummary } from "@liveshop/client";
import { Button, compact, dayAndTime, duration, money } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
import { report, shop } from "../console.ts";
import { address } from "../route.ts";
import { saveAs } from "../saving.ts";
import { withMinutes } from "../series.ts";
import { number, sentence, t } from "../texts/index.ts";
import { Charts } from "./Charts.tsx";
import { SummaryTable } from "./SummaryTable.tsx";
import { TopBar } from "./TopBar.tsx";
import "../style/summary.css";

interface Props {
  readonly show: string;
}

/** How a show went: what came of it in all, minute by minute, and product by product. */
export function SummaryPage({ show }: Props) {
  const [summary, setSummary] = useState<ShowSummary>();
  const [series, setSeries] = useState<readonly Minute[]>([]);
  const [problem, setProblem] = useState<string>();

  async function read(): Promise<void> {
    setProblem(undefined);
    try {
      setSummary(await shop.summary(show));
      setSeries(await allMinutes(show));
    } catch (error) {
      setProblem(sentence(error));
    }
  }
  useEffect(() => void read(), [show]);

  return (
    <>
      <TopBar at="shows" />
      <main class="page summary">
        {problem && (
          <div class="empty" role="alert">
            <p>{problem}</p>
            <Button onClick={read}>{t("try_again")}</Button>
          </div>
        )}
        {!summary && !problem && <p role="status">{t("loading")}</p>}
        {summary && <Summed summary={summary} series={series} />}
      </main>
    </>
  );
}

interface SummedProps {
  readonly summary: ShowSummary;
  readonly series: readonly Minute[];
}

function Summed({ summary, series }: SummedProps) {
  const { show, currency } = summary;
  const { started_at: from, ended_at: to } = show;
  return (
    <>
      <header class="page-head">
        <div>
          <h1>{show.title}</h1>
          <p>
            {from ? dayAndTime(from) : t("shows.no_date")}
            {from && to && ` · ${duration((to - from) / 1000)}`}
            {show.state === "live" && ` · ${t("summary.so_far")}`}
          </p>
        </div>
        <div class="summary-deeds">
          <a
            class="button button-soft button-normal"
            href={address({ at: "desk", show: show.id })}
          >
            {t("summary.desk")}
          </a>
        </div>
      </header>
      <dl class="summary-figures" aria-label={t("screen.numbers")}>
        {figures(summary).map(([name, text]) => (
          <div key={name} class={name === "takings" ? "number number-takings" : "number"}>
            <dt>{t(`summary.${name}`)}</dt>
            <dd class="tabular">{text}</dd>
          </div>
        ))}
      </dl>
      <div class="panel summary-chart">
        <Charts series={series} currency={currency} />
      </div>
      <SummaryTable offers={summary.offers} />
      <Downloads summary={summary} series={series} />
    </>
  );
}

function Downloads({ summary, series }: SummedProps) {
  const id = summary.show.id;

  async function table(name: string, read: Promise<Blob>): Promise<void> {
    try {
      saveAs(name, await read);
    } catch (error) {
      report(error);
    }
  }

  function everything(): void {
    const text = JSON.stringify({ ...summary, minutes: series }, null, 2);
    saveAs(`${id}.json`, new Blob([text], { type: "application/json" }));
  }

  return (
    <section class="summary-downloads" aria-labelledby="downloads-title">
      <h2 id="downloads-title">{t("summary.downloads")}</h2>
      <Button icon="file" onClick={() => table(`${id}-products.csv`, shop.summaryTable(id))}>
        {t("summary.products_csv")}
      </Button>
      <Button icon="file" onClick={() => table(`${id}-minutes.csv`, shop.minutesTable(id))}>
        {t("summary.minutes_csv")}
      </Button>
      <Button icon="file" onClick={everything}>
        {t("summary.json")}
      </Button>
    </section>
  );
}

function figures(summary: ShowSummary) {
  const { currency, conversion } = summary;
  const percent = conversion === undefined ? "–" : t("chart.percent", { n: round(conversion) });
  return [
    ["takings", money(summary.takings_minor, currency)],
    ["viewers_peak", number(summary.viewers_peak)],
    ["viewers_average", number(Math.round(summary.viewers_average * 10) / 10)],
    ["watched", number(Math.round(summary.watched_minutes))],
    ["likes", compact(summary.likes)],
    ["chat", number(summary.chat_lines)],
    ["clicks", number(summary.clicks)],
    ["orders", number(summary.orders)],
    ["paid", number(summary.paid)],
    ["units", number(summary.units)],
    ["refunds", money(summary.refunded_minor, currency)],
    ["conversion", percent],
  ] as const;
}

function round(share: number): number {
  return Math.round(share * 1000) / 10;
}

async function allMinutes(show: string): Promise<readonly Minute[]> {
  let series: readonly Minute[] = [];
  let since: number | undefined = 0;
  while (since !== undefined) {
    const page: Awaited<ReturnType<typeof shop.minutes>> = await shop.minutes(show, since);
    series = withMinutes(series, page.minutes);
    since = page.next;
  }
  return series;
}
