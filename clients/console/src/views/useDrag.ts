import { useRef, useState } from "preact/hooks";
import { dropped, type Before } from "../lineup.ts";

/** Nearer to the edge of the list than this, it scrolls along. */
const EDGE_PX = 48;
const SCROLL_PX = 12;

export interface Dragging {
  readonly id: string;
  /** Where it would go if it were let go now. */
  readonly before: Before;
  readonly by_px: number;
}

/** Sort rows by a handle, with a mouse, a pen or a finger. A row has its id in `data-row`. */
export function useDrag(onDrop: (id: string, before: Before) => void) {
  const [dragging, setDragging] = useState<Dragging>();
  const from = useRef(0);

  function begin(id: string, event: PointerEvent): void {
    if (event.button !== 0 || !(event.currentTarget instanceof HTMLElement)) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = event.clientY + scrollOf(event);
    setDragging({ id, before: id, by_px: 0 });
  }

  function move(event: PointerEvent): void {
    const list = listOf(event);
    if (dragging === undefined || list === null) return;
    const { top, bottom } = list.getBoundingClientRect();
    if (event.clientY < top + EDGE_PX) list.scrollTop -= SCROLL_PX;
    if (event.clientY > bottom - EDGE_PX) list.scrollTop += SCROLL_PX;
    const rows = [...list.querySelectorAll<HTMLElement>("[data-row]")]
      .filter(({ dataset }) => dataset["row"] !== dragging.id)
      .map((row) => {
        const { top, height } = row.getBoundingClientRect();
        return { id: row.dataset["row"] ?? "", middle: top + height / 2 };
      });
    const by_px = event.clientY + list.scrollTop - from.current;
    setDragging({ id: dragging.id, before: dropped(rows, event.clientY), by_px });
  }

  function end(): void {
    if (dragging && dragging.before !== dragging.id) onDrop(dragging.id, dragging.before);
    setDragging(undefined);
  }

  return { dragging, begin, move, end, cancel: () => setDragging(undefined) };
}

function listOf({ currentTarget }: PointerEvent): HTMLElement | null {
  return currentTarget instanceof Element ? currentTarget.closest(".panel-scroll") : null;
}

function scrollOf(event: PointerEvent): number {
  return listOf(event)?.scrollTop ?? 0;
}
