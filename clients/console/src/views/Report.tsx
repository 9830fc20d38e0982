import type { ImportReport } from "@liveshop/client";
import { Icon } from "@liveshop/ui";
import { number, t } from "../texts/index.ts";

/** A file with more faults than this has one fault, many times. */
const LINES_SHOWN = 200;

interface Props {
  readonly report: ImportReport;
  readonly written: boolean;
}

/** What an import did, and line by line what it would not take. */
export function Report({ report, written }: Props) {
  const { created, updated, variants, refused } = report;
  return (
    <div class="report" role="status">
      {written && (
        <p class="report-done">
          <Icon name="check" />
          {t("import.created", { count: created })} · {t("import.updated", { count: updated })} ·{" "}
          {t("import.variants", { count: variants })}
        </p>
      )}
      {refused.length > 0 && (
        <>
          <p class="report-refused">{t("import.refused", { count: refused.length })}</p>
          <p>{t(written ? "import.left_out" : "import.nothing")}</p>
          <div class="report-lines">
            <table>
              <thead>
                <tr>
                  <th scope="col">{t("import.line")}</th>
                  <th scope="col">{t("import.column")}</th>
                  <th scope="col">{t("import.why")}</th>
                </tr>
              </thead>
              <tbody>
                {refused.slice(0, LINES_SHOWN).map(({ line, column, code, detail }) => (
                  <tr key={`${line} ${column} ${code}`}>
                    <td class="tabular">{number(line)}</td>
                    <td>{column ?? "–"}</td>
                    <td>{detail}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </div>
  );
}
