import { useComputed } from "@preact/signals";
import { now } from "./clock.ts";
import { duration } from "./format.ts";

interface Props {
  /** Unix ms on the server's clock. */
  readonly to: number;
}

/** `4:59`, counted on the server's clock; stays at `0:00`. Give it a `key` of its `to`. */
export function Countdown({ to }: Props) {
  const left = useComputed(() => duration((to - now.value) / 1000));
  return <span class="tabular">{left}</span>;
}
