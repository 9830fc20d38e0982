import type { Till } from "../till.ts";
import { t, type Word } from "../words/index.ts";

interface Props {
  readonly till: Till;
}

const NAMES: Readonly<Record<string, Word>> = {
  stripe: "gateway_stripe",
  sandbox: "gateway_sandbox",
};

/** Who takes the money, where a buyer has the choice. */
export function GatewayPick({ till }: Props) {
  return (
    <fieldset class="pick">
      <legend>{t("pay_with")}</legend>
      {till.gateways.map((name) => {
        const word = NAMES[name];
        return (
          <label key={name} class="pick-row">
            <input
              type="radio"
              name="gateway"
              checked={till.gateway.value === name}
              onChange={() => till.payThrough(name)}
            />
            <span class="pick-what">
              <strong>{word ? t(word) : name}</strong>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
