import { useEffect } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { numbered } from "../selling.ts";

/** The keys 1 to 9 put the offer with that number on screen, and a second time take it off. */
export function usePinKeys(desk: Desk): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || isBusy(event.target))
        return;
      const picked = numbered(desk.offers.value).find(({ n }) => String(n) === event.key);
      if (picked === undefined || picked.offer.state === "closed" || !desk.mine.value) return;
      const { id } = picked.offer;
      void (desk.room.value.pinned === id ? desk.unpin(id) : desk.pin(id));
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [desk]);
}

/** Whether keys go somewhere already: into a field, or into a sheet. */
function isBusy(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("input, textarea, select, dialog") !== null;
}
