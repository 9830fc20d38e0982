import type { Member } from "@liveshop/client";
import { Button, Sheet, toast } from "@liveshop/ui";
import { useState } from "preact/hooks";
import type { Permission } from "../standing.ts";
import type { Teaming } from "../team.ts";
import { t } from "../texts/index.ts";
import { PermissionBoxes } from "./PermissionBoxes.tsx";
import { SureButton } from "./SureButton.tsx";

interface Props {
  readonly member: Member;
  readonly teaming: Teaming;
  readonly onClose: () => void;
}

/** What a member may do from now on, or that they are one no longer. */
export function MemberSheet({ member, teaming, onClose }: Props) {
  const { account, name, permissions } = member;
  const [chosen, setChosen] = useState<readonly Permission[]>(permissions);
  const same = chosen.length === permissions.length && chosen.every((p) => permissions.includes(p));
  const busy = teaming.doing.value;

  async function done(deed: Promise<boolean>, text: string) {
    if (!(await deed)) return;
    onClose();
    toast(text, "good");
  }

  return (
    <Sheet title={name} onClose={onClose}>
      <div class="form">
        <PermissionBoxes chosen={chosen} onChoose={setChosen} />
        <div class="team-sheet-deeds">
          <Button
            look="strong"
            disabled={same || chosen.length === 0}
            busy={busy.has(`change ${account}`)}
            onClick={() => done(teaming.change(account, chosen), t("team.saved", { name }))}
          >
            {t("team.save")}
          </Button>
          <SureButton
            icon="trash"
            text={t("team.remove")}
            question={t("team.remove_sure", { name })}
            busy={busy.has(`remove ${account}`)}
            onSure={() => done(teaming.remove(account), t("team.removed", { name }))}
          />
        </div>
      </div>
    </Sheet>
  );
}
