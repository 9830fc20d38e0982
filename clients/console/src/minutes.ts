/** A show's minutes, read when somebody looks at them, and again while the show runs. */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { Minute } from "@liveshop/client";
import { readFrom, withMinutes } from "./series.ts";
import type { Shop } from "./shop.ts";

/** Who watches is read this often; two minutes of the series are a kilobyte. */
const READ_EVERY_MS = 5_000;

export interface Minutes {
  readonly series: ReadonlySignal<readonly Minute[]>;
  stop(): void;
}

export function minutesOf(
  show: string,
  shop: Pick<Shop, "minutes">,
  grows: () => boolean,
  failed: (error: unknown) => void,
): Minutes {
  const series = signal<readonly Minute[]>([]);
  let stopped = false;
  let complained = false;

  async function read(): Promise<void> {
    let since: number | undefined = readFrom(series.value);
    while (since !== undefined && !stopped) {
      const page: Awaited<ReturnType<typeof shop.minutes>> = await shop.minutes(show, since);
      series.value = withMinutes(series.value, page.minutes);
      since = page.next;
    }
  }

  async function again(): Promise<void> {
    try {
      await read();
      complained = false;
    } catch (error) {
      // Once is enough: it is tried again every few seconds.
      if (!complained) failed(error);
      complained = true;
    }
  }

  void again();
  const timer = setInterval(() => {
    if (grows() && document.visibilityState === "visible") void again();
  }, READ_EVERY_MS);
  return {
    series,
    stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}
