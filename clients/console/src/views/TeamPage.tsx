import type { Member } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
import { report, shop, standing } from "../console.ts";
import { teamOf } from "../team.ts";
import { t } from "../texts/index.ts";
import { InviteSheet } from "./InviteSheet.tsx";
import { Awaited, MemberRow } from "./MemberRow.tsx";
import { MemberSheet } from "./MemberSheet.tsx";
import { TeamTabs } from "./TeamTabs.tsx";
import { TopBar } from "./TopBar.tsx";
import "../style/team.css";

/** Whoever has just been sent a link is looked for this often. */
const AGAIN_MS = 5_000;

/** Who works for a host, who is awaited, and what each may do. */
export function TeamPage() {
  const [teaming] = useState(() => teamOf(shop, report));
  const [failed, setFailed] = useState(false);
  const [inviting, setInviting] = useState(false);
  const [changing, setChanging] = useState<Member>();
  const read = () => void teaming.look().then((read) => setFailed(!read));
  useEffect(() => {
    read();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void teaming.again();
    }, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  const team = teaming.team.value;
  const host = standing.here.value?.host_name ?? "";

  return (
    <>
      <TopBar at="team" />
      <main class="page">
        <header class="page-head">
          <div>
            <h1>{t("team")}</h1>
            <p>{t("team.lead", { host })}</p>
          </div>
          <Button look="strong" icon="plus" onClick={() => setInviting(true)}>
            {t("team.invite")}
          </Button>
        </header>
        <TeamTabs at="team" />
        {team === null && (
          <div class="empty">
            {failed ? (
              <Button onClick={read}>{t("try_again")}</Button>
            ) : (
              <p role="status">{t("loading")}</p>
            )}
          </div>
        )}
        {team?.members.length === 0 && <p class="empty">{t("team.none")}</p>}
        <ul class="team" aria-label={t("team.members")}>
          {team?.members.map((member) => (
            <MemberRow
              key={member.account}
              member={member}
              onChange={() => setChanging(member)}
            />
          ))}
        </ul>
        {team !== null && team.invitations.length > 0 && (
          <section aria-labelledby="awaited-title">
            <h2 id="awaited-title" class="team-awaited">
              {t("team.awaited")}
            </h2>
            <ul class="team">
              {team.invitations.map((invitation) => (
                <Awaited key={invitation.id} invitation={invitation} teaming={teaming} />
              ))}
            </ul>
          </section>
        )}
        {inviting && <InviteSheet teaming={teaming} onClose={() => setInviting(false)} />}
        {changing && (
          <MemberSheet
            member={changing}
            teaming={teaming}
            onClose={() => setChanging(undefined)}
          />
        )}
      </main>
    </>
  );
}
