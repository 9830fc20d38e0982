import { address, type Route } from "../route.ts";
import { t } from "../texts/index.ts";
import "../style/team.css";

const TABS = [
  ["team", "team.members"],
  ["audit", "audit.title"],
] as const;

interface Props {
  readonly at: Route["at"];
}

export function TeamTabs({ at }: Props) {
  return (
    <nav class="team-tabs" aria-label={t("team")}>
      {TABS.map(([to, text]) => (
        <a key={to} href={address({ at: to })} aria-current={to === at ? "page" : undefined}>
          {t(text)}
        </a>
      ))}
    </nav>
  );
}
