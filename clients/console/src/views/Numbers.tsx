import { compact, money } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { number, t } from "../texts/index.ts";

interface Props {
  readonly desk: Desk;
}

/** The show in six numbers; the takings are what it is for. What was sold is for those who may know. */
export function Numbers({ desk }: Props) {
  const { viewers, likes, offers } = desk.room.value;
  const tally = desk.tally.value;
  const currency = tally?.currency ?? offers[0]?.currency ?? "USD";
  const counts = desk.may("numbers");
  const numbers = [
    ["viewers", number(viewers), true],
    ["likes", compact(likes), true],
    ["orders", number(tally?.orders ?? 0), counts],
    ["awaiting", number(tally?.awaiting ?? 0), counts],
    ["units", number(tally?.units ?? 0), counts],
  ] as const;
  return (
    <dl class="numbers" aria-label={t("screen.numbers")}>
      {counts && (
        <div class="number number-takings">
          <dt>{t("screen.takings")}</dt>
          <dd class="tabular">{money(tally?.takings_minor ?? 0, currency)}</dd>
        </div>
      )}
      {numbers
        .filter(([, , shown]) => shown)
        .map(([name, text]) => (
          <div key={name} class={`number number-${name}`}>
            <dt>{t(`screen.${name}`)}</dt>
            <dd class="tabular">{text}</dd>
          </div>
        ))}
    </dl>
  );
}
