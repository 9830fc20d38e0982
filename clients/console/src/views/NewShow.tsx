import { Sheet } from "@liveshop/ui";
import { shop } from "../console.ts";
import type { Planned } from "../plan.ts";
import { go } from "../route.ts";
import { t } from "../texts/index.ts";
import { PlanForm } from "./PlanForm.tsx";

interface Props {
  readonly onClose: () => void;
}

/** Plan a show; its desk opens at once. */
export function NewShow({ onClose }: Props) {
  async function create({ title, starts_at }: Planned): Promise<void> {
    const show = await shop.createShow(starts_at === null ? { title } : { title, starts_at });
    go({ at: "desk", show: show.id });
  }

  return (
    <Sheet title={t("shows.new")} onClose={onClose}>
      <PlanForm submit={t("shows.create")} onSubmit={create} />
    </Sheet>
  );
}
