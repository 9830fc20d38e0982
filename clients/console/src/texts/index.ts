/** What the console says, in the language that is spoken: `t("run.pin")`; a file for each of its rooms. */

import { RoomError } from "@liveshop/client";
import { ApiError, catalogue, language, type Text } from "@liveshop/ui";
import type { Permission } from "../standing.ts";
import { chat } from "./chat.ts";
import { desk } from "./desk.ts";
import { entrance } from "./entrance.ts";
import { goods } from "./goods.ts";
import { offering } from "./offering.ts";
import { orders } from "./orders.ts";
import { zhProblems } from "./problems.ts";
import { rehearsal } from "./rehearsal.ts";
import { run } from "./run.ts";
import { shows } from "./shows.ts";
import { tariffs } from "./tariffs.ts";
import { team } from "./team.ts";

const en = {
  ...entrance.en,
  ...shows.en,
  ...team.en,
  ...desk.en,
  ...rehearsal.en,
  ...run.en,
  ...offering.en,
  ...orders.en,
  ...chat.en,
  ...goods.en,
  ...tariffs.en,
};

const zh: Readonly<Record<Key, Text>> = {
  ...entrance.zh,
  ...shows.zh,
  ...team.zh,
  ...desk.zh,
  ...rehearsal.zh,
  ...run.zh,
  ...offering.zh,
  ...orders.zh,
  ...chat.zh,
  ...goods.zh,
  ...tariffs.zh,
};

export type Key = keyof typeof en;

export const t = catalogue({ en, "zh-CN": zh });

/** A failure as a sentence. In English the server's own, which has the facts in it. */
export function sentence(error: unknown): string {
  const code = error instanceof ApiError || error instanceof RoomError ? error.code : "unexpected";
  const translated = language.value === "zh-CN" ? zhProblems[code] : undefined;
  return translated ?? (error instanceof Error ? error.message : String(error));
}

/** Permissions by their names: `Orders and Numbers`. */
export function namesOf(permissions: readonly Permission[]): string {
  const names = permissions.map((each) => t(`permission.${each}`));
  return new Intl.ListFormat(language.value, { type: "conjunction" }).format(names);
}

/** A number with its groups: `12,400`. */
export function number(n: number): string {
  return new Intl.NumberFormat(language.value).format(n);
}
