import type { TariffView } from "@liveshop/client";
import { Button, dayAndTime, Field, toast, unit } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { report, shop } from "../console.ts";
import { deeds } from "../deeds.ts";
import { momentOf } from "../moments.ts";
import { isTariff, tariffFrom, typedTariff, type TariffDraft } from "../tariffdraft.ts";
import { tariffsOf, type Tariffs } from "../tariffs.ts";
import { sentence, t } from "../texts/index.ts";
import { SureButton } from "./SureButton.tsx";
import { TariffForm } from "./TariffForm.tsx";
import { TariffSummary } from "./TariffSummary.tsx";
import { TopBar } from "./TopBar.tsx";
import "../style/tariffs.css";

/** What the shop asks for delivery and which taxes: what holds, and the version that comes next. */
export function TariffsPage() {
  const [{ tariffs, doing }] = useState(() => {
    const { attempt, doing } = deeds(report);
    return { tariffs: tariffsOf(shop, attempt), doing };
  });
  useEffect(() => void tariffs.read(), []);
  const versions = tariffs.versions.value;
  return (
    <>
      <TopBar at="products" />
      <main class="page page-tariffs">
        <header class="page-head">
          <div>
            <h1>{t("tariffs.title")}</h1>
            <p>{t("tariffs.lead")}</p>
          </div>
        </header>
        {versions === null ? (
          <p role="status">{t("loading")}</p>
        ) : (
          <div class="tariffs">
            <section class="panel" aria-label={t("tariffs.versions")}>
              {versions.every(({ state }) => state === "draft") && (
                <p class="empty">{t("tariffs.none")}</p>
              )}
              {versions
                .filter(({ state }) => state === "published")
                .map((version) => (
                  <Version key={version.id} version={version} />
                ))}
            </section>
            <NextVersion tariffs={tariffs} doing={doing.value} />
          </div>
        )}
      </main>
    </>
  );
}

/** One that was published: the one in force is open to read. */
function Version({ version: { version, tariff, valid_from = 0, in_force } }: VersionProps) {
  return (
    <details class="tariff-version" open={in_force === true}>
      <summary>
        <strong>{t("tariffs.version", { n: version })}</strong>{" "}
        {in_force ? (
          <span class="chip chip-selling">{t("tariffs.in_force")}</span>
        ) : (
          <small>{t("tariffs.from", { when: dayAndTime(valid_from) })}</small>
        )}
      </summary>
      <TariffSummary tariff={tariff} />
    </details>
  );
}

interface VersionProps {
  readonly version: TariffView;
}

interface NextProps {
  readonly tariffs: Tariffs;
  readonly doing: ReadonlySet<string>;
}

/** Changed and kept as often as one likes; published, it holds and never changes again. */
function NextVersion({ tariffs, doing }: NextProps) {
  const kept = tariffs.draft.value;
  const begun = (kept ?? tariffs.inForce.value)?.tariff ?? { currency: "USD" };
  const [draft, setDraft] = useState<TariffDraft>(() =>
    typedTariff(begun, digitsOf(begun.currency)),
  );
  const [changed, setChanged] = useState(false);
  const [tried, setTried] = useState(false);
  const [from, setFrom] = useState("");
  const answer = tariffFrom(draft, digitsOf(draft.currency));
  const refused = tariffs.refused.value;

  function problem(path: string): string | undefined {
    if (refused?.path === path) return sentence(refused.error);
    const fault = tried && !isTariff(answer) ? answer.get(path) : undefined;
    return fault && t(`tariffs.fault_${fault}`);
  }

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    setTried(true);
    if (!isTariff(answer) || !(await tariffs.keep(answer))) return;
    setChanged(false);
    toast(t("tariffs.kept"), "good");
  }

  async function publish(version: string) {
    if (!(await tariffs.publish(version, momentOf(from)))) return;
    setFrom("");
    toast(t("tariffs.published"), "good");
  }

  const faulty = tried && !isTariff(answer);
  return (
    <form class="form panel tariff-next" onSubmit={submit} noValidate>
      <h2>{t("tariffs.next")}</h2>
      <TariffForm
        draft={draft}
        problem={problem}
        onChange={(next) => {
          setChanged(true);
          setDraft(next);
        }}
      />
      {(faulty || refused) && (
        <p class="form-problem" role="alert">
          {refused ? sentence(refused.error) : t("tariffs.faulty")}
        </p>
      )}
      <Button
        type="submit"
        wide
        look={kept && !changed ? "soft" : "strong"}
        busy={doing.has("keep tariff")}
      >
        {t("tariffs.keep")}
      </Button>
      {kept && !changed && (
        <div class="tariff-publish">
          <Field
            label={t("tariffs.valid_from")}
            type="datetime-local"
            value={from}
            onInput={({ currentTarget }) => setFrom(currentTarget.value)}
          />
          <SureButton
            text={t("tariffs.publish")}
            question={t("tariffs.publish_sure")}
            busy={doing.has("publish tariff")}
            onSure={() => publish(kept.id)}
          />
        </div>
      )}
    </form>
  );
}

/** Decimals of a currency; of what is none, two. */
function digitsOf(currency: string): number {
  return /^[A-Za-z]{3}$/.test(currency) ? Math.round(Math.log10(unit(currency.toUpperCase()))) : 2;
}
