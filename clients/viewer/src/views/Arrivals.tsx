import { useEffect, useState } from "preact/hooks";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";

/** Long enough to be read; the next one takes its place anyway. */
const SHOWN_MS = 6_000;

/** Who came in just now, in one line that takes the place of the last one. */
export function Arrivals() {
  const { state } = useLive();
  const { arrivals } = state.value;
  const [over, setOver] = useState(arrivals);
  useEffect(() => {
    const end = setTimeout(() => setOver(arrivals), SHOWN_MS);
    return () => clearTimeout(end);
  }, [arrivals]);

  if (arrivals === null || arrivals === over) return null;
  const { count, newest: name } = arrivals;
  // Nobody is told of themselves.
  if (count === 1 && name === state.value.you?.name) return null;
  const words =
    name === undefined
      ? t("came_in", { count })
      : count === 1
        ? t("came_in_name", { name })
        : t("came_in_names", { name, count: count - 1 });
  return (
    <p key={words} class="chat-arrivals">
      <bdi>{words}</bdi>
    </p>
  );
}
