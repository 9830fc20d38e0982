import { standing } from "../console.ts";
import type { Route } from "../route.ts";
import { t } from "../texts/index.ts";
import { TopBar } from "./TopBar.tsx";

interface Props {
  readonly at: Route["at"];
}

/** Where an address leads that is not for who is signed in. */
export function RefusedPage({ at }: Props) {
  const host = standing.here.value?.host_name ?? "";
  return (
    <>
      <TopBar at={at} />
      <main class="page">
        <p class="empty" role="alert">
          {t("place.refused", { host })}
        </p>
      </main>
    </>
  );
}
