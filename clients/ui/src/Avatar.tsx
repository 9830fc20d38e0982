import "./Avatar.css";

interface Props {
  readonly name: string;
}

/** Hues that go with the accent and with each other. */
const HUES = [6, 22, 38, 160, 185, 268, 318, 342] as const;

/** The first character of a name on a colour of its own. A name beside it says the rest. */
export function Avatar({ name }: Props) {
  const [initial = "?"] = name.trim();
  const sum = [...name].reduce((all, character) => all + (character.codePointAt(0) ?? 0), 0);
  return (
    <span class="avatar" style={{ "--hue": String(HUES[sum % HUES.length]) }} aria-hidden="true">
      {initial.toUpperCase()}
    </span>
  );
}
