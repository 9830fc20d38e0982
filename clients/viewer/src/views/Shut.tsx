import type { RoomError } from "@liveshop/client";
import { t } from "../words/index.ts";
import { Empty } from "./Empty.tsx";
import "./Shut.css";

interface Props {
  readonly why: RoomError;
}

/** There is no such show, or it is not for this viewer. */
export function Shut({ why }: Props) {
  const [title, hint] = sentences(why);
  const unknown = why.code === "unknown_show";
  return (
    <main class="shut">
      <Empty
        icon={unknown ? "search" : "signout"}
        title={title}
        hint={hint}
      >
        <a class="button button-normal button-strong" href="/">
          {t("all_shows")}
        </a>
      </Empty>
    </main>
  );
}

function sentences({ code, message }: RoomError): readonly [string, string] {
  switch (code) {
    case "unknown_show":
      return [t("unknown_show"), t("unknown_show_hint")];
    case "banned":
      return [t("banned"), t("banned_hint")];
    default:
      return [t("closed_out"), message];
  }
}
