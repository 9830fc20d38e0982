import { Toaster } from "@liveshop/ui";
import { account } from "../console.ts";
import { route } from "../route.ts";
import { DeskPage } from "./DeskPage.tsx";
import { ProductsPage } from "./ProductsPage.tsx";
import { ShowsPage } from "./ShowsPage.tsx";
import { SignIn } from "./SignIn.tsx";
import { SummaryPage } from "./SummaryPage.tsx";

export function App() {
  return (
    <>
      {account.current.value === null ? <SignIn /> : <Page />}
      <Toaster />
    </>
  );
}

function Page() {
  const here = route.value;
  switch (here.at) {
    case "shows":
      return <ShowsPage />;
    case "products":
      return <ProductsPage />;
    case "summary":
      return <SummaryPage key={here.show} show={here.show} />;
    case "desk":
      return <DeskPage key={here.show} show={here.show} />;
  }
}
