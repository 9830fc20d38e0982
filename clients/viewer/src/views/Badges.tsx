import type { Sender } from "@liveshop/client";
import { t, type Word } from "../words/index.ts";

const WORDS: Readonly<Record<string, Word>> = {
  host: "host",
  moderator: "moderator",
  buyer: "buyer",
  shop: "badge_shop",
};

interface Props {
  readonly of: Sender;
}

export function Badges({ of }: Props) {
  return of.badges?.map((badge) => {
    const word = WORDS[badge];
    return word && <span key={badge} class={`chat-badge chat-badge-${badge}`}>{t(word)}</span>;
  });
}
