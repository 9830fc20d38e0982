import "@liveshop/ui/tokens.css";
import "@liveshop/ui/base.css";
import { Toaster } from "@liveshop/ui";
import { render } from "preact";
import { LiveProvider, openLive } from "./live.ts";
import { route } from "./route.ts";
import { Directory } from "./views/Directory.tsx";
import { LiveRoom } from "./views/LiveRoom.tsx";

const here = route(location.pathname);
const page =
  here.page === "directory" ? (
    <Directory />
  ) : (
    <LiveProvider value={openLive(here.id)}>
      <LiveRoom />
    </LiveProvider>
  );

render(
  <>
    {page}
    <Toaster />
  </>,
  document.getElementById("app")!,
);
