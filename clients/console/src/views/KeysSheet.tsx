import { Sheet } from "@liveshop/ui";
import { t } from "../texts/index.ts";
import { keysOn, switchKeys } from "./usePinKeys.ts";
import "../style/keys.css";

const KEYS = [
  [["1", "–", "9"], "keys.number"],
  [["n"], "keys.next"],
  [["p"], "keys.previous"],
  [["0"], "keys.off"],
  [["Alt", "↑"], "keys.up"],
  [["Alt", "↓"], "keys.down"],
  [["?"], "keys.help"],
] as const;

interface Props {
  readonly onClose: () => void;
}

/** What the keys do. */
export function KeysSheet({ onClose }: Props) {
  return (
    <Sheet title={t("keys.title")} onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (key === "–" ? key : <kbd key={key}>{key}</kbd>))}
            </dt>
            <dd>{t(what)}</dd>
          </div>
        ))}
      </dl>
      <label class="keys-switch">
        <input type="checkbox" checked={keysOn.value} onChange={switchKeys} />
        {t("keys.on")}
      </label>
    </Sheet>
  );
}
