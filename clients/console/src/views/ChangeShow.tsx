import type { ShowView } from "@liveshop/client";
import { Sheet } from "@liveshop/ui";
import { shop } from "../console.ts";
import { changesOf, type Planned } from "../plan.ts";
import { t } from "../texts/index.ts";
import { PlanForm } from "./PlanForm.tsx";

interface Props {
  readonly show: ShowView;
  readonly onChanged: (show: ShowView) => void;
  readonly onClose: () => void;
}

/** Give a show that has not started another title or time. */
export function ChangeShow({ show, onChanged, onClose }: Props) {
  async function change(wanted: Planned): Promise<void> {
    const changes = changesOf(show, wanted);
    onChanged(Object.keys(changes).length === 0 ? show : await shop.changeShow(show.id, changes));
  }

  return (
    <Sheet title={t("shows.change")} onClose={onClose}>
      <PlanForm
        planned={{ title: show.title, starts_at: show.starts_at ?? null }}
        submit={t("shows.save")}
        onSubmit={change}
      />
    </Sheet>
  );
}
