import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

interface Props {
  readonly text: string;
  readonly label: string;
}

/** A code to point a phone at. The encoder is fetched when one is shown. */
export function QrCode({ text, label }: Props) {
  const rows = useSignal<readonly (readonly boolean[])[]>([]);
  useEffect(() => {
    import("qr").then(
      ({ default: encode }) => (rows.value = encode(text, "raw", { border: 1 })),
      () => undefined, // The link stands beside it.
    );
  }, [text]);
  const side = rows.value.length;
  return (
    <div class="qr-code">
      {side > 0 && (
        <svg viewBox={`0 0 ${side} ${side}`} shape-rendering="crispEdges" role="img" aria-label={label}>
          <path d={drawing(rows.value)} />
        </svg>
      )}
    </div>
  );
}

function drawing(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : "")))
    .join("");
}
