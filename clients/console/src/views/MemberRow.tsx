import type { Invitation, Member } from "@liveshop/client";
import { Avatar, Button, dayAndTime, Icon } from "@liveshop/ui";
import { account, standing } from "../console.ts";
import type { Permission } from "../standing.ts";
import { mayChange, type Teaming } from "../team.ts";
import { t } from "../texts/index.ts";
import { SureButton } from "./SureButton.tsx";

interface MemberProps {
  readonly member: Member;
  readonly onChange: () => void;
}

/** One who is in the team. Nobody changes themselves, nor who may do more than they may. */
export function MemberRow({ member, onChange }: MemberProps) {
  const { name, permissions, joined_at } = member;
  const me = account.current.value?.user.id === member.account;
  const own = standing.here.value?.permissions ?? [];
  return (
    <li class="team-row">
      <Avatar name={name} />
      <div class="team-who">
        <strong>{name}</strong>
        <small>{t("team.since", { when: dayAndTime(joined_at) })}</small>
      </div>
      <div class="team-deed">
        {me ? (
          <span class="chip">{t("team.you")}</span>
        ) : mayChange(own, member) ? (
          <Button size="small" aria-label={t("team.change_it", { name })} onClick={onChange}>
            {t("team.change")}
          </Button>
        ) : (
          <small>{t("team.beyond")}</small>
        )}
      </div>
      <Permissions permissions={permissions} />
    </li>
  );
}

interface AwaitedProps {
  readonly invitation: Invitation;
  readonly teaming: Teaming;
}

/** One who was invited and has not come yet. */
export function Awaited({ invitation, teaming }: AwaitedProps) {
  const { id, name, permissions, invited_by: by, expires_at } = invitation;
  return (
    <li class="team-row">
      <span class="team-letter">
        <Icon name="link" />
      </span>
      <div class="team-who">
        <strong>{name}</strong>
        <small>{t("team.awaited_until", { by, when: dayAndTime(expires_at) })}</small>
      </div>
      <div class="team-deed">
        <SureButton
          size="small"
          text={t("team.withdraw")}
          label={t("team.withdraw_it", { name })}
          question={t("team.withdraw_sure")}
          busy={teaming.doing.value.has(`withdraw ${id}`)}
          onSure={() => teaming.withdraw(id)}
        />
      </div>
      <Permissions permissions={permissions} />
    </li>
  );
}

function Permissions({ permissions }: { readonly permissions: readonly Permission[] }) {
  return (
    <ul class="team-permissions" aria-label={t("permission.which")}>
      {permissions.map((each) => (
        <li key={each} class="chip" title={t(`permission.${each}_is`)}>
          {t(`permission.${each}`)}
        </li>
      ))}
    </ul>
  );
}
