import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { beside } from "../lineup.ts";
import { numbered } from "../selling.ts";

const PLACE = "liveshop.desk-keys";

/** Whether single keys do something; whoever dictates or mistypes switches them off (WCAG 2.1.4). */
const on = signal(globalThis.localStorage?.getItem(PLACE) !== "off");

export const keysOn = on;

export function switchKeys(): void {
  on.value = !on.value;
  localStorage.setItem(PLACE, on.value ? "on" : "off");
}

/**
 * 1 to 9 put the offer with that number on screen, and a second time take it off; `n` and `p` the
 * next and the previous; 0 takes off whatever is on. `?` asks what the keys are.
 */
export function usePinKeys(desk: Desk, help: () => void): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isBusy(event.target))
        return;
      if (event.key === "?") help();
      else if (on.value && desk.may("sell", "run_show")) pinBy(desk, event.key);
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [desk]);
}

function pinBy(desk: Desk, key: string): void {
  const { pinned } = desk.room.value;
  const offers = desk.offers.value;
  if (key === "n" || key === "p") {
    const next = beside(offers, pinned, key === "n" ? 1 : -1);
    if (next) void desk.pin(next.id);
    return;
  }
  if (key === "0") {
    if (pinned !== null) void desk.unpin(pinned);
    return;
  }
  const picked = numbered(offers).find(({ n }) => String(n) === key);
  if (picked === undefined || picked.offer.state === "closed") return;
  const { id } = picked.offer;
  void (pinned === id ? desk.unpin(id) : desk.pin(id));
}

/** Whether keys go somewhere already: into a field, or into a sheet. */
function isBusy(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog") !== null;
}
