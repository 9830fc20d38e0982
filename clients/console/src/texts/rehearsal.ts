/** What is said of the rehearsal of a show: in both languages, one under the other. */
import type { Text } from "@liveshop/ui";

const en = {
  "rehearsal.why": "Practise it first: only your team is there, and nothing is sold.",
  "rehearsal.begin": "Rehearse",
  "rehearsal.open": "Open the rehearsal",
  "rehearsal.is_on": "Your team is rehearsing this show.",
  "rehearsal.band": "Rehearsal: only you and your team see this.",
  "rehearsal.nothing_sold": "Nothing is paid for, and what is reserved goes back.",
  "rehearsal.end": "End rehearsal",
  "rehearsal.end_sure": "End it for your team?",
  "rehearsal.over": "The rehearsal is over.",
  "rehearsal.back": "Back to the show",
};

const zh: Readonly<Record<keyof typeof en, Text>> = {
  "rehearsal.why": "先彩排一遍：只有团队在场，不会卖出任何商品。",
  "rehearsal.begin": "彩排",
  "rehearsal.open": "进入彩排",
  "rehearsal.is_on": "团队正在彩排这场直播。",
  "rehearsal.band": "彩排：只有你和你的团队能看到。",
  "rehearsal.nothing_sold": "无需付款，预留的商品会退回。",
  "rehearsal.end": "结束彩排",
  "rehearsal.end_sure": "为团队结束彩排？",
  "rehearsal.over": "彩排已结束。",
  "rehearsal.back": "返回直播",
};

export const rehearsal = { en, zh };
