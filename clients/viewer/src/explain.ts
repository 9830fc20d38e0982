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
  too_slow: "error_unanswered",
  unreachable: "error_unreachable",
  unavailable: "refused_unavailable",
  internal: "refused_unavailable",
  gateway_unavailable: "error_gateway",
  gateway_refused: "error_gateway",
  unknown_gateway: "error_gateway",
  pay_window_over: "error_pay_window_over",
  wrong_state: "error_changed",
  not_together: "error_changed",
  unknown_order: "error_changed",
  unknown_address: "error_changed",
  address_needed: "error_address_needed",
  too_many_addresses: "error_addresses",
  not_delivered: "trouble_not_delivered",
  quote_changed: "trouble_quote_changed",
  amount_mismatch: "trouble_quote_changed",
};

/** A failure as a sentence; of one that has none here, the server's own is told. */
export function explained({ code, message }: RoomError | ApiError): string {
  const word = EXPLAINED[code];
  return word ? t(word) : t("error_other", { detail: message });
}

/** Say in words why something did not happen. */
export function explain(why: unknown): void {
  if (why instanceof Refusal) return toast(t(`refused_${why.reason}`), "bad");
  if (!(why instanceof RoomError || why instanceof ApiError)) throw why;
  toast(explained(why), "bad");
}
