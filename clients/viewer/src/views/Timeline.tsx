import { duration, Picture, thumbnail } from "@liveshop/ui";
import { useLive } from "../live.ts";
import type { Deck } from "../replay.ts";
import { t } from "../words/index.ts";
import "./Timeline.css";

/** Where one is in a replay, and its products to jump to. */
export function Timeline({ replay }: { readonly replay: Deck }) {
  const { offers } = useLive().state.value;
  const { length_ms, watched_ms, chapters, jump } = replay;
  const now = watched_ms.value;
  return (
    <nav class="timeline" aria-label={t("timeline")}>
      <ol>
        {chapters.map(({ watched_ms: at, offer: id }) => {
          const offer = offers.find((each) => each.id === id);
          return (
            offer && (
              <li key={at}>
                <button type="button" onClick={() => jump(at)}>
                  <Picture src={thumbnail(offer.picture)} />
                  <span>{offer.title}</span>
                  <small class="tabular">{duration(at / 1000)}</small>
                </button>
              </li>
            )
          );
        })}
      </ol>
      <label>
        <span class="tabular">{duration(now / 1000)}</span>
        <input
          type="range"
          aria-label={t("watched")}
          min={0}
          max={length_ms}
          step={1000}
          value={now}
          onInput={({ currentTarget }) => jump(Number(currentTarget.value))}
        />
        <span class="tabular">{duration(length_ms / 1000)}</span>
      </label>
    </nav>
  );
}
