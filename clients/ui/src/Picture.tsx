import { useState } from "preact/hooks";
import { Icon } from "./Icon.tsx";
import "./Picture.css";

interface Props {
  readonly src: string | undefined;
  /** Empty when a text beside it says the same. */
  readonly alt?: string;
  readonly class?: string;
  readonly eager?: boolean;
}

/** A product's picture; a quiet sign in its place when there is none or it does not load. */
export function Picture({ src, alt = "", class: extra, eager = false }: Props) {
  const [broken, setBroken] = useState<string>();
  const safe = safeSource(src);
  const name = extra ? `picture ${extra}` : "picture";
  if (safe === undefined || broken === safe) {
    return (
      <span
        class={`${name} picture-none`}
        role={alt ? "img" : undefined}
        aria-label={alt || undefined}
      >
        <Icon name="bag" />
      </span>
    );
  }
  return (
    <img
      class={name}
      src={safe}
      alt={alt}
      loading={eager ? "eager" : "lazy"}
      decoding="async"
      draggable={false}
      onError={() => setBroken(safe)}
    />
  );
}

/** `src` when it is http(s) or on this site; a seller's text never becomes another scheme. */
export function safeSource(src: string | undefined): string | undefined {
  if (src === undefined || !URL.canParse(src, "https://shop.invalid")) return undefined;
  const { protocol } = new URL(src, "https://shop.invalid");
  return protocol === "https:" || protocol === "http:" ? src : undefined;
}
