import { useMemo } from "preact/hooks";
import { drawn } from "../drawn.ts";
import { GRID } from "../emojigrid.ts";
import { t, type Word } from "../words/index.ts";
import type { EmojiProps } from "./Emojis.tsx";

export function EmojiGrid({ onPick }: EmojiProps) {
  const groups = useMemo(
    () => (Object.entries(GRID) as [Word, string][]).map(([name, all]) => [name, drawn(all.split(" "))] as const),
    [],
  );
  return (
    <div class="emoji-grid">
      {groups.map(([name, emojis]) => (
        <section key={name} aria-label={t(name)}>
          <h3>{t(name)}</h3>
          <div>
            {emojis.map((emoji) => (
              <button key={emoji} type="button" class="emoji" onClick={() => onPick(emoji)}>
                {emoji}
              </button>
            ))}
          </div>
        </section>
      ))}
    </div>
  );
}
