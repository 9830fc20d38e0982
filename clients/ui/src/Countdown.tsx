import { useComputed } from "@preact/signals";
import { daysOff } from "./away.ts";
import { now } from "./clock.ts";
import { days, duration } from "./format.ts";

interface Props {
  /** Unix ms on the server's clock. */
  readonly to: number;
}

/**
 * `4:59`, counted on the server's clock; stays at `0:00`. More than a day off it is `5 days`: nobody
 * counts hours that far. Give it a `key` of its `to`.
 */
export function Countdown({ to }: Props) {
  const off = useComputed(() => daysOff(to, now.value));
  const left = useComputed(() =>
    off.value > 0 ? days(off.value) : duration((to - now.value) / 1000),
  );
  return <span class="tabular">{left}</span>;
}
