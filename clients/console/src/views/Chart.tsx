import { locale } from "@liveshop/ui";
import { useEffect, useRef } from "preact/hooks";
import type uPlot from "uplot";
import type { Columns } from "../series.ts";
import { t } from "../texts/index.ts";
import "uplot/dist/uPlot.min.css";

const HEIGHT_PX = 124;

/** A series has one value a minute: the axis names no moment between two. */
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 240].map((minutes) => minutes * 60);

/** Wide enough for `$12,400` and for `14:05`. */
const LABELS_PX = 54;
const TIMES_PX = 26;

interface Props {
  readonly columns: Columns;
  readonly names: readonly string[];
  readonly bars: boolean;
  /** A value as it stands beside the axis. */
  readonly say: (value: number) => string;
}

/** Lines or bars over time, drawn; whoever shows it says the same in words. */
export function Chart({ columns, names, bars, say }: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef(columns);
  shown.current = columns;

  useEffect(() => {
    const box = place.current;
    if (box === null) return;
    let gone = false;
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const away = new AbortController();
    // A library that only this panel needs is fetched with it.
    void import("uplot").then(({ default: Plot }) => {
      if (gone) return;
      const draw = () => {
        plot.current?.destroy();
        const look = options(box, Plot, names, bars, say);
        plot.current = new Plot(look, data(shown.current), box);
        plot.current.over.addEventListener("mouseleave", () => sayLast(plot.current), away);
      };
      draw();
      // Canvas knows no CSS variables: the colours are read again when they change.
      dark.addEventListener("change", draw, away);
    });
    const sized = new ResizeObserver(() =>
      plot.current?.setSize({ width: box.clientWidth, height: HEIGHT_PX }),
    );
    sized.observe(box);
    return () => {
      gone = true;
      away.abort();
      sized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [names.join(), bars, say]);

  useEffect(() => {
    plot.current?.setData(data(columns));
    sayLast(plot.current);
  }, [columns]);

  return <div class="chart" ref={place} aria-hidden="true" />;
}

/** Where nobody points, the legend says how it is now. */
function sayLast(plot: uPlot | null): void {
  if (plot !== null) plot.setLegend({ idx: plot.data[0].length - 1 }, false);
}

function data({ at, lines }: Columns): uPlot.AlignedData {
  return [[...at], ...lines.map((line) => [...line])];
}

function options(
  box: HTMLElement,
  Plot: typeof uPlot,
  names: readonly string[],
  bars: boolean,
  say: (value: number) => string,
): uPlot.Options {
  const style = getComputedStyle(box);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const [ink, line] = [colour("--ink-2"), colour("--line")];
  const colours = [colour("--accent-text"), colour("--good")];
  const font = `12px ${style.fontFamily}`;
  const clock = new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit" });
  const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  return {
    width: box.clientWidth,
    height: HEIGHT_PX,
    padding: [8, 8, 0, 0],
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    legend: { show: true, live: true },
    hooks: { ready: [sayLast] },
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.08)] } },
    axes: [
      { ...axis, size: TIMES_PX, incrs: STEPS_S, space: 64, values: (_, ats) => ats.map((at) => clock.format(at * 1000)) },
      { ...axis, size: LABELS_PX, values: (_, values) => values.map(say) },
    ],
    series: [
      { value: (_, at) => (at === null ? "–" : clock.format(at * 1000)), label: t("chart.time") },
      ...names.map((label, n): uPlot.Series => {
        const stroke = colours[n] ?? ink;
        const paths = bars ? Plot.paths.bars?.({ size: [0.7, 24] }) : undefined;
        return {
          label,
          stroke,
          width: bars ? 0 : 2,
          ...(bars && { fill: n === 0 ? `${stroke}66` : stroke }),
          ...(!bars && n === 0 && { fill: `${stroke}1f` }),
          ...(n === 1 && !bars && { dash: [5, 4] }),
          ...(paths && { paths }),
          ...(bars && { points: { show: false } }),
          value: (_, value) => (value === null ? "–" : say(value)),
        };
      }),
    ],
  };
}
