import "@liveshop/ui/tokens.css";
import "@liveshop/ui/base.css";
import { Toaster } from "@liveshop/ui";
import { render } from "preact";
import { route } from "./route.ts";
import { Directory } from "./views/Directory.tsx";
import { Show } from "./views/Show.tsx";

const here = route(location.pathname);
const page =
  here.page === "directory" ? (
    <Directory />
  ) : (
    <Show id={here.id} />
  );

render(
  <>
    {page}
    <Toaster />
  </>,
  document.getElementById("app")!,
);
