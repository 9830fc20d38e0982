import { Icon } from "@liveshop/ui";
import type { Offering } from "../offering.ts";
import { t, type Word } from "../words/index.ts";
import "./QueueNote.css";

interface Props {
  readonly offering: Offering;
}

const NOTES: Partial<Readonly<Record<Offering, Word>>> = {
  soon: "race_note",
  coming: "race_note",
  buy: "race_note",
  buy_another: "race_note",
  reserving: "race_note",
  reserved: "race_pay",
  pay: "race_pay",
};

/** That a unit is whose money comes first, for as long as that matters. */
export function RaceNote({ offering }: Props) {
  const note = NOTES[offering];
  if (note === undefined) return null;
  const hurry = note === "race_pay";
  return (
    <p class={`queue-note ${hurry ? "queue-note-turn" : ""}`}>
      <Icon name={hurry ? "bolt" : "clock"} />
      <span>{t(note)}</span>
    </p>
  );
}
