import type { Reminder, ShowView } from "@liveshop/client";
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { account } from "../account.ts";
import { useLive } from "../live.ts";
import { askToNotify, listed, setReminder } from "../reminders.ts";
import { NamePrompt } from "./NamePrompt.tsx";
import { RemindDeeds } from "./RemindDeeds.tsx";

/** In the room of a show to come: who does not want to wait here is told elsewhere. */
export function RemindHere({ show }: { readonly show: ShowView }) {
  const { beCalled } = useLive();
  const reminder = useSignal<Reminder["why"] | undefined>(undefined);
  const nameless = useSignal(false);

  useEffect(() => {
    if (account.current.peek() === null) return;
    void listed().then((found) => {
      reminder.value = found.find((each) => each.show.id === show.id)?.why;
    });
  }, [show.id]);

  async function remind(wanted: boolean): Promise<void> {
    if (wanted) askToNotify();
    nameless.value = account.current.value === null;
    if (nameless.value) return;
    reminder.value = (await setReminder(show.id, wanted)) ? "asked" : undefined;
  }

  async function named(name: string): Promise<void> {
    await beCalled(name);
    if (account.current.value !== null) await remind(true);
  }

  return (
    <>
      <RemindDeeds show={show} reminder={reminder.value} onRemind={remind} />
      {nameless.value && (
        <NamePrompt onName={named} onClose={() => (nameless.value = false)} />
      )}
    </>
  );
}
