import type { ShowView } from "@liveshop/client";
import { Button } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
import { account, shop } from "../console.ts";
import { sentence, t } from "../texts/index.ts";
import { NewShow } from "./NewShow.tsx";
import { ShowRow } from "./ShowRow.tsx";
import { TopBar } from "./TopBar.tsx";
import "../style/shows.css";

export function ShowsPage() {
  const [shows, setShows] = useState<readonly ShowView[]>();
  const [problem, setProblem] = useState<string>();
  const [planning, setPlanning] = useState(false);
  const me = account.current.value?.user.id;
  const isAdmin = account.current.value?.user.role === "admin";

  function read() {
    setProblem(undefined);
    shop.shows().then(
      ({ shows }) => setShows(shows),
      (error: unknown) => setProblem(sentence(error)),
    );
  }
  useEffect(read, []);

  const mine = shows?.filter((show) => show.host === me) ?? [];
  const others = shows?.filter((show) => show.host !== me) ?? [];
  return (
    <>
      <TopBar at="shows" />
      <main class="page">
        <header class="page-head">
          <div>
            <h1>{t("shows")}</h1>
            <p>{t("shows.lead")}</p>
          </div>
          <Button look="strong" icon="plus" onClick={() => setPlanning(true)}>
            {t("shows.new")}
          </Button>
        </header>
        {problem && (
          <div class="empty" role="alert">
            <p>{problem}</p>
            <Button onClick={read}>{t("try_again")}</Button>
          </div>
        )}
        {shows && mine.length === 0 && (
          <p class="empty">{t(others.length > 0 ? "shows.only_others" : "shows.none")}</p>
        )}
        <ul class="shows">
          {mine.map((show) => (
            <ShowRow key={show.id} show={show} mine />
          ))}
        </ul>
        {others.length > 0 && (
          <>
            <h2 class="shows-others">{t("shows.others")}</h2>
            <ul class="shows">
              {others.map((show) => (
                <ShowRow key={show.id} show={show} mine={isAdmin} />
              ))}
            </ul>
          </>
        )}
        {planning && <NewShow onClose={() => setPlanning(false)} />}
      </main>
    </>
  );
}
