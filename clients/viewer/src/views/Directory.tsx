import type { ShowList, ShowView } from "@liveshop/client";
import { Button, LanguageSwitch } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import mark from "@liveshop/ui/mark.svg";
import { shop } from "../account.ts";
import { t } from "../words/index.ts";
import "./Directory.css";
import { Empty } from "./Empty.tsx";
import { ShowCard } from "./ShowCard.tsx";

const SECTIONS = { live: "live_now", draft: "coming", ended: "ended" } as const;

/** A show that starts while someone looks at the page appears by itself. */
const LOOK_AGAIN_MS = 15_000;

export function Directory() {
  const shows = useSignal<readonly ShowView[] | null>(null);
  const failed = useSignal(false);

  function load(): void {
    shop.get<ShowList>("/api/shows").then(
      (list) => {
        shows.value = list.shows;
        failed.value = false;
      },
      () => (failed.value = true),
    );
  }

  useEffect(() => {
    load();
    const again = setInterval(() => document.hidden || load(), LOOK_AGAIN_MS);
    return () => clearInterval(again);
  }, []);

  return (
    <div class="directory">
      <header class="directory-head">
        <a class="directory-brand" href="/">
          <img src={mark} alt="" />
          {t("brand")}
        </a>
        <LanguageSwitch />
      </header>
      <main>
        <h1>{t("tagline")}</h1>
        {shows.value === null && !failed.value && <Waiting />}
        {shows.value === null && failed.value && (
          <Empty icon="globe" title={t("shows_failed")}>
            <Button onClick={load}>{t("try_again")}</Button>
          </Empty>
        )}
        {shows.value?.length === 0 && (
          <Empty icon="play" title={t("no_shows")} hint={t("no_shows_hint")} />
        )}
        {shows.value && <Sections shows={shows.value} />}
      </main>
      <footer class="directory-foot">
        <a href="/console">{t("host_a_show")}</a>
      </footer>
    </div>
  );
}

function Sections({ shows }: { readonly shows: readonly ShowView[] }) {
  return Object.entries(SECTIONS).map(([state, word]) => {
    const here = shows.filter((show) => show.state === state);
    return (
      here.length > 0 && (
        <section key={state} class={`directory-section directory-${state}`}>
          <h2>{t(word)}</h2>
          <ul>
            {here.map((show) => (
              <li key={show.id}>
                <ShowCard show={show} />
              </li>
            ))}
          </ul>
        </section>
      )
    );
  });
}

function Waiting() {
  return (
    <div class="directory-waiting" aria-hidden="true">
      <i />
      <i />
      <i />
    </div>
  );
}
