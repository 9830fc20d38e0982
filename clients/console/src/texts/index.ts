/** What the console says, in the language that is spoken: `t("run.pin")`. */

import { RoomError } from "@liveshop/client";
import { ApiError, catalogue, language } from "@liveshop/ui";
import type { Permission } from "../standing.ts";
import { en } from "./en.ts";
import { zh, zhProblems } from "./zh.ts";

export type { Key } from "./en.ts";

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
