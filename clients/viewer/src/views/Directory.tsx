import type { Directory as Listed } from "@liveshop/client";
import { Button, LanguageSwitch, serverNow } from "@liveshop/ui";
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import mark from "@liveshop/ui/mark.svg";
import { account, shop, takeName } from "../account.ts";
import { after, type Front, type Heard, remindersIn, unseen } from "../directory.ts";
import { askToNotify, hear, mayNotify, setReminder } from "../reminders.ts";
import { t, type Word } from "../words/index.ts";
import { ComingCard } from "./ComingCard.tsx";
import "./Directory.css";
import { Empty } from "./Empty.tsx";
import { NamePrompt } from "./NamePrompt.tsx";
import { ShowCard } from "./ShowCard.tsx";
import { Started } from "./Started.tsx";

/** A show that starts while someone looks at the page moves up by itself. */
const LOOK_AGAIN_MS = 15_000;

/** Out of sight, the page looks on only for who is to be told of something. */
const HIDDEN_EVERY = 4;

export function Directory() {
  const front = useSignal<Front>(unseen);
  /** What waits until the viewer has a name. */
  const nameless = useSignal<(() => Promise<void>) | null>(null);

  function heard(what: Heard): void {
    front.value = after(front.value, what);
  }

  async function load(): Promise<void> {
    try {
      const directory = await shop.get<Listed>("/api/directory");
      heard({ heard: "directory", directory, at: serverNow() });
      if (account.current.value !== null) hear(remindersIn(directory));
    } catch {
      heard({ heard: "nothing" });
    }
  }

  useEffect(() => {
    void load();
    let turn = 0;
    const again = setInterval(() => {
      turn += 1;
      const waits = front.peek().directory?.coming.some(({ reminder }) => reminder !== undefined);
      const aside = mayNotify() && waits && turn % HIDDEN_EVERY === 0;
      if (!document.hidden || aside) void load();
    }, LOOK_AGAIN_MS);
    const back = (): void => void (document.hidden || load());
    document.addEventListener("visibilitychange", back);
    return () => {
      clearInterval(again);
      document.removeEventListener("visibilitychange", back);
    };
  }, []);

  async function remind(show: string, wanted: boolean): Promise<void> {
    if (wanted) askToNotify();
    if (account.current.value === null) {
      nameless.value = () => remind(show, wanted);
      return;
    }
    const reminded = await setReminder(show, wanted);
    heard({ heard: "reminder", show, reminded });
  }

  async function beCalled(name: string): Promise<void> {
    const waiting = nameless.value;
    try {
      await takeName(name);
    } catch {
      return heard({ heard: "nothing" });
    }
    nameless.value = null;
    await waiting?.();
  }

  const { directory, failed, at } = front.value;
  return (
    <div class="directory">
      <header class="directory-head">
        <a class="directory-brand" href="/">
          <img src={mark} alt="" />
          {t("brand")}
        </a>
        <LanguageSwitch />
      </header>
      <main>
        <h1>{t("tagline")}</h1>
        {directory === null && !failed && <Waiting />}
        {directory === null && failed && (
          <Empty icon="globe" title={t("shows_failed")}>
            <Button onClick={() => void load()}>{t("try_again")}</Button>
          </Empty>
        )}
        {directory && (
          <>
            <Section name="live" title="live_now" none="nobody_live" some={directory.live}>
              {directory.live.map((card) => (
                <li key={card.show.id}>
                  <ShowCard card={card} />
                </li>
              ))}
            </Section>
            <Section name="coming" title="coming" none="nothing_planned" some={directory.coming}>
              {directory.coming.map((card) => (
                <li key={card.show.id}>
                  <ComingCard card={card} now={at} onRemind={(wanted) => remind(card.show.id, wanted)} />
                </li>
              ))}
            </Section>
            <Section name="replays" title="replays" none="no_replays" some={directory.replays}>
              {directory.replays.map((card) => (
                <li key={card.show.id}>
                  <ShowCard card={card} />
                </li>
              ))}
            </Section>
          </>
        )}
      </main>
      <footer class="directory-foot">
        <a href="/console">{t("host_a_show")}</a>
      </footer>
      <Started />
      {nameless.value && (
        <NamePrompt onName={beCalled} onClose={() => (nameless.value = null)} />
      )}
    </div>
  );
}

interface SectionProps {
  readonly name: string;
  readonly title: Word;
  /** What to say when there is nothing. */
  readonly none: Word;
  readonly some: readonly unknown[];
  readonly children: ComponentChildren;
}

function Section({ name, title, none, some, children }: SectionProps) {
  return (
    <section class={`directory-section directory-${name}`} aria-labelledby={`directory-${name}`}>
      <h2 id={`directory-${name}`}>{t(title)}</h2>
      {some.length > 0 ? <ul>{children}</ul> : <p class="directory-none">{t(none)}</p>}
    </section>
  );
}

function Waiting() {
  return (
    <div class="directory-waiting" aria-hidden="true">
      <i />
      <i />
      <i />
    </div>
  );
}
