import type { ImportReport } from "@liveshop/client";
import { Button, Icon } from "@liveshop/ui";
import { useState } from "preact/hooks";
import { shop } from "../console.ts";
import { sentence, t } from "../texts/index.ts";
import { DropZone } from "./DropZone.tsx";
import { Report } from "./Report.tsx";
import "../style/import.css";

/** The server's own bound, said before ten megabytes are sent for nothing. */
const MAX_MB = 10;

interface Props {
  readonly onImported: () => void;
}

type Step =
  | { readonly at: "choosing"; readonly problem?: string }
  | { readonly at: "sending"; readonly file: File }
  | {
      readonly at: "done";
      readonly file: File;
      readonly report: ImportReport;
      readonly written: boolean;
    };

/** Import a file whole; or, when lines of it are refused, the rest of it. */
export function ImportPanel({ onImported }: Props) {
  const [step, setStep] = useState<Step>({ at: "choosing" });

  async function send(file: File, skipRefused: boolean) {
    if (file.size > MAX_MB * 1024 * 1024) {
      const problem = t("import.too_big", { name: file.name, mb: MAX_MB });
      return setStep({ at: "choosing", problem });
    }
    setStep({ at: "sending", file });
    try {
      const report = await shop.importProducts(file, skipRefused);
      const written = skipRefused || report.refused.length === 0;
      setStep({ at: "done", file, report, written });
      if (written) onImported();
    } catch (error) {
      setStep({ at: "choosing", problem: sentence(error) });
    }
  }

  return (
    <section class="panel import" aria-labelledby="import-title">
      <h2 id="import-title">{t("import.title")}</h2>
      <p class="import-lead">{t("import.lead")}</p>
      {step.at === "choosing" && (
        <DropZone accept=".csv,text/csv" onFiles={([file]) => file && void send(file, false)}>
          {(over) => (
            <>
              <strong>{t(over ? "import.let_go" : "import.drop")}</strong>
              <span class="button button-soft button-small">{t("import.choose")}</span>
            </>
          )}
        </DropZone>
      )}
      {step.at === "choosing" && step.problem && (
        <p class="form-problem" role="alert">
          {step.problem}
        </p>
      )}
      {step.at === "sending" && (
        <p class="import-sending" role="status">
          <Icon name="file" />
          {t("import.reading", { name: step.file.name })}
        </p>
      )}
      {step.at === "done" && (
        <>
          <Report report={step.report} written={step.written} />
          <div class="import-next">
            {!step.written && !ofWholeFile(step.report) && (
              <Button look="strong" onClick={() => send(step.file, true)}>
                {t("import.skip")}
              </Button>
            )}
            <Button onClick={() => setStep({ at: "choosing" })}>{t("import.another")}</Button>
          </div>
        </>
      )}
    </section>
  );
}

/** An empty file, a wrong header: the one refusal is of the file, and nothing would be left. */
function ofWholeFile({ refused }: ImportReport): boolean {
  const [only, ...others] = refused;
  return only?.line === 1 && only.column === undefined && others.length === 0;
}
