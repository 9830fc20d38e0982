import "./Avatar.css";

interface Props {
  readonly name: string;
}

/** The first character of a name on a colour of its own. A name beside it says the rest. */
export function Avatar({ name }: Props) {
  const [initial = "?"] = name.trim();
  const hue = [...name].reduce((sum, character) => sum * 31 + (character.codePointAt(0) ?? 0), 7) % 360;
  return (
    <span class="avatar" style={{ "--hue": String(hue) }} aria-hidden="true">
      {initial.toUpperCase()}
    </span>
  );
}
