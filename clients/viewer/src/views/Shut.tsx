import type { RoomError } from "@liveshop/client";
import { t } from "../words/index.ts";
import { Empty } from "./Empty.tsx";
import "./Shut.css";

interface Props {
  readonly why: RoomError;
}

/** There is no such show, or it is not for this viewer. */
export function Shut({ why }: Props) {
  const unknown = why.code === "unknown_show";
  return (
    <main class="shut">
      <Empty
        icon={unknown ? "search" : "signout"}
        title={unknown ? t("unknown_show") : t("closed_out")}
        hint={unknown ? t("unknown_show_hint") : why.message}
      >
        <a class="button button-normal button-strong" href="/">
          {t("all_shows")}
        </a>
      </Empty>
    </main>
  );
}
