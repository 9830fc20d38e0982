import "@liveshop/ui/tokens.css";
import "@liveshop/ui/base.css";
import { Toaster } from "@liveshop/ui";
import { type ComponentChildren, render } from "preact";
import { route } from "./route.ts";
import { Reminding } from "./views/Reminding.tsx";
import { Show } from "./views/Show.tsx";

const here = route(location.pathname);

function open(page: ComponentChildren): void {
  render(
    <>
      {page}
      <Toaster />
    </>,
    document.getElementById("app")!,
  );
}

if (here.page === "directory") {
  // Who comes into a room does not fetch it.
  void import("./views/Directory.tsx").then(({ Directory }) => open(<Directory />));
} else {
  open(
    <>
      <Show id={here.id} />
      <Reminding here={here.id} />
    </>,
  );
}
