import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useLive } from "../live.ts";
import type { Look } from "../player.ts";
import { t } from "../words/index.ts";

const LOOK_MS = 1_000;

/** How the picture looks and how late it is, for who wants to know: while it is on the page. */
export function PictureFacts() {
  const { player } = useLive();
  const found = useSignal<Look | null>(null);
  useEffect(() => {
    const look = async (): Promise<void> => {
      found.value = (await player.peek()?.look()) ?? null;
    };
    void look();
    const looking = setInterval(() => void look(), LOOK_MS);
    return () => clearInterval(looking);
  }, []);
  if (found.value === null) return null;
  const { way, late_ms, width, height, fps, kbit_s } = found.value;
  return (
    <dl class="menu-picture tabular">
      <Fact name={t("picture_way")}>{t(`picture_${way}`)}</Fact>
      {late_ms !== null && (
        <Fact name={t("picture_late")}>{t("seconds", { count: (late_ms / 1000).toFixed(1) })}</Fact>
      )}
      <Fact name={t("picture_size")}>
        {width} × {height}
      </Fact>
      {fps > 0 && <Fact name={t("picture_rate")}>{Math.round(fps)}</Fact>}
      {kbit_s !== null && (
        <Fact name={t("picture_bits")}>{t("mbit_s", { count: (kbit_s / 1000).toFixed(1) })}</Fact>
      )}
    </dl>
  );
}

interface FactProps {
  readonly name: string;
  readonly children: preact.ComponentChildren;
}

function Fact({ name, children }: FactProps) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
