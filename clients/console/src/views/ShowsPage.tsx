import type { ShowView } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
import { account, shop, standing } from "../console.ts";
import { namesOf, sentence, t } from "../texts/index.ts";
import { ChangeShow } from "./ChangeShow.tsx";
import { NewShow } from "./NewShow.tsx";
import { ShowRow } from "./ShowRow.tsx";
import { TopBar } from "./TopBar.tsx";
import "../style/shows.css";

export function ShowsPage() {
  const [shows, setShows] = useState<readonly ShowView[]>();
  const [problem, setProblem] = useState<string>();
  const [planning, setPlanning] = useState(false);
  const [changing, setChanging] = useState<ShowView>();
  const place = standing.here.value;
  const here = place?.host;

  function read() {
    setProblem(undefined);
    shop.shows().then(
      ({ shows }) => setShows(shows),
      (error: unknown) => setProblem(sentence(error)),
    );
  }
  useEffect(read, []);

  function changed(show: ShowView) {
    setShows((before) => before?.map((each) => (each.id === show.id ? show : each)));
    setChanging(undefined);
  }

  const mine = shows?.filter((show) => show.host === here) ?? [];
  const others = shows?.filter((show) => show.host !== here) ?? [];
  const lead =
    place === null || here === account.current.value?.user.id
      ? t("shows.lead")
      : t("desk.for_host", { host: place.host_name, permissions: namesOf(place.permissions) });
  const nothing = !standing.may("run_show")
    ? "shows.none_here"
    : others.length > 0
      ? "shows.only_others"
      : "shows.none";
  return (
    <>
      <TopBar at="shows" />
      <main class="page">
        <header class="page-head">
          <div>
            <h1>{t("shows")}</h1>
            <p>{lead}</p>
          </div>
          {standing.may("run_show") && (
            <Button look="strong" icon="plus" onClick={() => setPlanning(true)}>
              {t("shows.new")}
            </Button>
          )}
        </header>
        {problem && (
          <div class="empty" role="alert">
            <p>{problem}</p>
            <Button onClick={read}>{t("try_again")}</Button>
          </div>
        )}
        {shows && mine.length === 0 && (
          <p class="empty">{t(nothing)}</p>
        )}
        <ul class="shows">
          {mine.map((show) => (
            <ShowRow key={show.id} show={show} onChange={() => setChanging(show)} />
          ))}
        </ul>
        {others.length > 0 && (
          <>
            <h2 class="shows-others">{t("shows.others")}</h2>
            <ul class="shows">
              {others.map((show) => (
                <ShowRow key={show.id} show={show} onChange={() => setChanging(show)} />
              ))}
            </ul>
          </>
        )}
        {planning && <NewShow onClose={() => setPlanning(false)} />}
        {changing && (
          <ChangeShow
            show={changing}
            onChanged={changed}
            onClose={() => setChanging(undefined)}
          />
        )}
      </main>
    </>
  );
}
