import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface Props<Value extends string | number> {
  readonly legend: string;
  readonly values: readonly Value[];
  readonly chosen: Value;
  readonly onChoose: (value: Value) => void;
  readonly children: (value: Value) => ComponentChildren;
  /** `cards` say more than a word about each. */
  readonly look?: "pills" | "cards";
}

/** One of a few, all in sight. */
export function Choice<Value extends string | number>(props: Props<Value>) {
  const { legend, values, chosen, onChoose, children, look = "pills" } = props;
  const name = useId();
  return (
    <fieldset class={`choice choice-${look}`}>
      <legend>{legend}</legend>
      {values.map((value) => (
        <label key={value}>
          <input
            type="radio"
            name={name}
            checked={value === chosen}
            onChange={() => onChoose(value)}
          />
          <span>{children(value)}</span>
        </label>
      ))}
    </fieldset>
  );
}
