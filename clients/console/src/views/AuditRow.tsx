import type { AuditEntry } from "@liveshop/client";
import { Avatar, dayAndTime } from "@liveshop/ui";
import { namesOf, t, type Key } from "../texts/index.ts";

/** How each decision is said, between who made it and whom it is about. */
const SAID: Readonly<Record<string, Key>> = {
  invite: "act.invite",
  withdraw_invitation: "act.withdraw_invitation",
  join: "act.join",
  change_member: "act.change_member",
  remove_member: "act.remove_member",
  leave: "act.leave",
  mute: "deed.mute",
  unmute: "deed.unmute",
  ban: "deed.ban",
  unban: "deed.unban",
  remove_line: "deed.remove_line",
  pin_comment: "deed.pin_comment",
  unpin_comment: "deed.unpin_comment",
  say: "deed.say",
  settings: "deed.settings",
  appoint: "deed.appoint",
  dismiss: "deed.dismiss",
};

interface Props {
  readonly entry: AuditEntry;
}

export function AuditRow({ entry }: Props) {
  const { area, action, actor, actor_name, subject, subject_name, text, at } = entry;
  const { show_title: title, permissions = [], reason } = entry;
  const said = SAID[action];
  // In the team's entries the text is the name that somebody was invited by.
  const named = area === "team" ? text : undefined;
  const whom = subject === actor ? undefined : (subject_name ?? (action === "join" ? undefined : named));
  return (
    <li>
      <Avatar name={actor_name} />
      <div>
        <p>
          <b>{actor_name}</b> {said ? t(said) : action} {whom && <b>{whom}</b>}
        </p>
        {area === "chat" && text && <q>{text}</q>}
        {permissions.length > 0 && action !== "leave" && <small>{namesOf(permissions)}</small>}
        {reason && <small>{reason}</small>}
        {title && <small>{t("audit.in_show", { title })}</small>}
      </div>
      <time dateTime={new Date(at).toISOString()}>{dayAndTime(at)}</time>
    </li>
  );
}
