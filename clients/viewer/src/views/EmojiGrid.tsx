import { GRID } from "../emojigrid.ts";
import { t, type Word } from "../words/index.ts";
import type { EmojiProps } from "./Emojis.tsx";

const GROUPS = Object.entries(GRID) as readonly (readonly [Word, string])[];

export function EmojiGrid({ onPick }: EmojiProps) {
  return (
    <div class="emoji-grid">
      {GROUPS.map(([name, emojis]) => (
        <section key={name} aria-label={t(name)}>
          <h3>{t(name)}</h3>
          <div>
            {emojis.split(" ").map((emoji) => (
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
