import { Button, Select } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
import { auditOf, type Sieve } from "../audit.ts";
import { report, shop } from "../console.ts";
import { t } from "../texts/index.ts";
import { AuditRow } from "./AuditRow.tsx";
import { Choice } from "./Choice.tsx";
import { TeamTabs } from "./TeamTabs.tsx";
import { TopBar } from "./TopBar.tsx";
import "../style/team.css";

const AREAS = ["all", "team", "chat"] as const;

/** Who did what in the shop, and when. */
export function AuditPage() {
  const [audit] = useState(() => auditOf(shop, report));
  const [failed, setFailed] = useState(false);
  const read = (sieve?: Sieve) => void audit.look(sieve).then((read) => setFailed(!read));
  useEffect(() => read(), []);
  const { list, sieve, actors, doing } = audit;
  const { area = "all", actor = "" } = sieve.value;
  const sift = (wanted: (typeof AREAS)[number], who: string) =>
    read({ ...(wanted !== "all" && { area: wanted }), ...(who !== "" && { actor: who }) });

  return (
    <>
      <TopBar at="audit" />
      <main class="page">
        <header class="page-head">
          <div>
            <h1>{t("audit.title")}</h1>
            <p>{t("audit.lead")}</p>
          </div>
        </header>
        <TeamTabs at="audit" />
        <div class="audit-sieve">
          <Choice
            legend={t("audit.area")}
            values={AREAS}
            chosen={area}
            onChoose={(wanted) => sift(wanted, actor)}
          >
            {(each) => t(`audit.${each}`)}
          </Choice>
          <Select
            label={t("audit.actor")}
            value={actor}
            onChange={({ currentTarget }) => sift(area, currentTarget.value)}
          >
            <option value="">{t("audit.everyone")}</option>
            {[...actors.value].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </Select>
        </div>
        {failed && (
          <div class="empty">
            <Button onClick={() => read()}>{t("try_again")}</Button>
          </div>
        )}
        {list.value?.entries.length === 0 && (
          <p class="empty">
            {t(area === "all" && actor === "" ? "audit.none" : "audit.none_so")}
          </p>
        )}
        <ol class="audit" aria-busy={doing.value.size > 0}>
          {list.value?.entries.map((entry) => (
            <AuditRow key={entry.id} entry={entry} />
          ))}
        </ol>
        {list.value?.next !== undefined && (
          <Button
            look="soft"
            wide
            busy={doing.value.has("earlier")}
            onClick={() => audit.earlier()}
          >
            {t("moderation.earlier")}
          </Button>
        )}
      </main>
    </>
  );
}
