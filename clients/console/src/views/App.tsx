import { Button, Toaster } from "@liveshop/ui";
import { useEffect, useState } from "preact/hooks";
import { account, readPlaces, standing } from "../console.ts";
import { route } from "../route.ts";
import { sentence, t } from "../texts/index.ts";
import { AuditPage } from "./AuditPage.tsx";
import { DeskPage } from "./DeskPage.tsx";
import { JoinPage } from "./JoinPage.tsx";
import { NoPlace } from "./NoPlace.tsx";
import { NewProductPage } from "./NewProductPage.tsx";
import { ProductPage } from "./ProductPage.tsx";
import { ProductsPage } from "./ProductsPage.tsx";
import { RefusedPage } from "./RefusedPage.tsx";
import { ShowsPage } from "./ShowsPage.tsx";
import { SignIn } from "./SignIn.tsx";
import { SummaryPage } from "./SummaryPage.tsx";
import { TariffsPage } from "./TariffsPage.tsx";
import { TeamPage } from "./TeamPage.tsx";

export function App() {
  return (
    <>
      <Entrance />
      <Toaster />
    </>
  );
}

/** Who is it, and where do they have a place? */
function Entrance() {
  const user = account.current.value?.user.id;
  const [problem, setProblem] = useState<string>();
  function read() {
    setProblem(undefined);
    readPlaces().catch((error: unknown) => {
      // What is known already goes on holding.
      if (standing.places.peek() === null) setProblem(sentence(error));
    });
  }
  const here = route.value;
  // What somebody may do can change: it is asked on the way to each page, and on coming back.
  useEffect(() => {
    if (user !== undefined) read();
  }, [user, here]);
  useEffect(() => {
    if (user === undefined) return;
    const again = () => document.visibilityState === "visible" && read();
    document.addEventListener("visibilitychange", again);
    return () => document.removeEventListener("visibilitychange", again);
  }, [user]);

  if (user === undefined) return <SignIn />;
  if (here.at === "join") return <JoinPage key={here.code} code={here.code} />;
  if (standing.places.value !== null) return standing.here.value === null ? <NoPlace /> : <Page />;
  return (
    <main class="desk-closed">
      <p role={problem ? "alert" : "status"}>{problem ?? t("loading")}</p>
      {problem && <Button onClick={read}>{t("try_again")}</Button>}
    </main>
  );
}

function Page() {
  const here = route.value;
  const shop = standing.here.value?.host;
  if (!standing.opens(here.at)) return <RefusedPage at={here.at} />;
  switch (here.at) {
    case "shows":
    case "join":
      return <ShowsPage />;
    case "products":
      return <ProductsPage key={shop} />;
    case "tariffs":
      return <TariffsPage key={shop} />;
    case "new_product":
      return <NewProductPage key={shop} />;
    case "product":
      return <ProductPage key={here.product} id={here.product} />;
    case "team":
      return <TeamPage key={shop} />;
    case "audit":
      return <AuditPage key={shop} />;
    case "summary":
      return <SummaryPage key={here.show} show={here.show} />;
    case "desk":
      return <DeskPage key={here.show} show={here.show} />;
  }
}
