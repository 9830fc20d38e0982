/** The few texts that the shared components say themselves. */

import { catalogue } from "./i18n.ts";

export const t = catalogue({
  en: {
    close: "Close",
    live: "LIVE",
    left: "{count} left",
    gone: "All taken",
    language: "Language",
  },
  "zh-CN": {
    close: "关闭",
    live: "直播中",
    left: "还剩 {count} 件",
    gone: "已抢光",
    language: "语言",
  },
});
