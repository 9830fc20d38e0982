import { useEffect, useState } from "preact/hooks";
import { openDesk } from "../console.ts";
import type { Desk } from "../desk.ts";
import { address } from "../route.ts";
import { sentence, t } from "../texts/index.ts";
import { Chat } from "./Chat.tsx";
import { ConnectionNote } from "./ConnectionNote.tsx";
import { DeskBar } from "./DeskBar.tsx";
import { DeskTabs, type Part } from "./DeskTabs.tsx";
import { KeysSheet } from "./KeysSheet.tsx";
import { Orders } from "./Orders.tsx";
import { RehearsalNote } from "./RehearsalNote.tsx";
import { RunOfShow } from "./RunOfShow.tsx";
import { Screen } from "./Screen.tsx";
import { usePinKeys } from "./usePinKeys.ts";
import "../style/desk.css";

interface Props {
  readonly show: string;
}

export function DeskPage({ show }: Props) {
  const [desk, setDesk] = useState<Desk>();
  useEffect(() => {
    const opened = openDesk(show);
    setDesk(opened);
    return () => opened.leave();
  }, [show]);
  return desk ? <OpenDesk desk={desk} /> : null;
}

function OpenDesk({ desk }: { readonly desk: Desk }) {
  const [part, setPart] = useState<Part>("run");
  const [helping, setHelping] = useState(false);
  usePinKeys(desk, () => setHelping(true));
  const shut = desk.shut.value;
  const known = desk.room.value.show !== null;
  if (!known) {
    return (
      <main class="desk-closed">
        <p role={shut ? "alert" : "status"}>{shut ? sentence(shut) : t("desk.connecting")}</p>
        <a class="button button-soft button-normal" href={address({ at: "shows" })}>
          {t("desk.back")}
        </a>
      </main>
    );
  }
  return (
    <div class="desk" data-part={part}>
      <DeskBar desk={desk} onHelp={() => setHelping(true)} />
      <div class="desk-notes">
        <RehearsalNote desk={desk} />
        <ConnectionNote desk={desk} />
      </div>
      <main class="desk-columns">
        <RunOfShow desk={desk} />
        <Screen desk={desk} />
        <div class="desk-people">
          {desk.may("orders") && <Orders desk={desk} />}
          <Chat desk={desk} />
        </div>
      </main>
      <DeskTabs desk={desk} part={part} onPick={setPart} />
      {helping && <KeysSheet onClose={() => setHelping(false)} />}
    </div>
  );
}
