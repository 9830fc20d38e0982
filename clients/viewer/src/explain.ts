/** What did not happen, said in the viewer's language. */
import { Refusal, RoomError } from "@liveshop/client";
import { ApiError, toast } from "@liveshop/ui";
import { t, type Word } from "./words/index.ts";

const EXPLAINED: Readonly<Record<string, Word>> = {
  rate_limited: "error_rate_limited",
  sold_out: "beaten",
  unauthorised: "error_unauthorised",
  rehearsal: "rehearsal_pay",
  unanswered: "error_unanswered",
  unreachable: "error_unreachable",
};

/** Say in words why something did not happen. */
export function explain(why: unknown): void {
  if (why instanceof Refusal) return toast(t(`refused_${why.reason}`), "bad");
  if (!(why instanceof RoomError || why instanceof ApiError)) throw why;
  const word = EXPLAINED[why.code];
  toast(word ? t(word) : t("error_other", { detail: why.message }), "bad");
}
