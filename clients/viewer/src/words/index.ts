import { catalogue } from "@liveshop/ui";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

export const t = catalogue({ en, "zh-CN": zh });
export type Word = keyof typeof en;
