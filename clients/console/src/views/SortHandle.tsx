import { IconButton } from "@liveshop/ui";
import { t } from "../texts/index.ts";
import type { useDrag } from "./useDrag.ts";

interface Props {
  readonly id: string;
  readonly title: string;
  readonly drag: ReturnType<typeof useDrag>;
  readonly onStep: (by: -1 | 1) => void;
}

/** Drag it, or press the arrow keys on it. */
export function SortHandle({ id, title, drag, onStep }: Props) {
  return (
    <IconButton
      icon="grip"
      class="run-handle"
      label={t("run.sort", { title })}
      data-handle={id}
      onPointerDown={(event) => drag.begin(id, event)}
      onPointerMove={drag.move}
      onPointerUp={drag.end}
      onPointerCancel={drag.cancel}
      onKeyDown={(event) => {
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        event.stopPropagation();
        onStep(event.key === "ArrowUp" ? -1 : 1);
      }}
    />
  );
}
