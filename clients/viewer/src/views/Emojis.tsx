import { IconButton } from "@liveshop/ui";
import type { ComponentType } from "preact";
import { useState } from "preact/hooks";
import { QUICK } from "../emojis.ts";
import { t } from "../words/index.ts";
import "./Emojis.css";

export interface EmojiProps {
  readonly onPick: (emoji: string) => void;
}

/** A dozen pictures at hand, and the way to more. */
export function Emojis({ onPick }: EmojiProps) {
  const [Grid, setGrid] = useState<ComponentType<EmojiProps>>();
  return (
    // The field keeps the focus, and a phone its keyboard.
    <div class="emojis" onPointerDown={(event) => event.preventDefault()}>
      {Grid && <Grid onPick={onPick} />}
      <div class="emojis-quick" role="group" aria-label={t("emoji")}>
        <div>
          {QUICK.map((emoji) => (
            <button key={emoji} type="button" class="emoji" onClick={() => onPick(emoji)}>
              {emoji}
            </button>
          ))}
        </div>
        <IconButton
          icon={Grid ? "close" : "plus"}
          label={t(Grid ? "emoji_less" : "emoji_more")}
          aria-expanded={Grid !== undefined}
          onClick={() => {
            if (Grid) setGrid(undefined);
            else void import("./EmojiGrid.tsx").then(({ EmojiGrid }) => setGrid(() => EmojiGrid));
          }}
        />
      </div>
    </div>
  );
}
