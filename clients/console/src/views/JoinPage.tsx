import { Button, LanguageSwitch, toast } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { account, shop, signOut, standing } from "../console.ts";
import { goInstead } from "../route.ts";
import { gained } from "../standing.ts";
import { namesOf, sentence, t } from "../texts/index.ts";
import { Gate } from "./Gate.tsx";

interface Props {
  readonly code: string;
}

/** Follow an invitation, as who is signed in; it is used up by a press and not by a look. */
export function JoinPage({ code }: Props) {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const user = account.current.value?.user;

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      const before = standing.places.peek() ?? (await shop.places()).places;
      const list = await shop.join(code);
      standing.learn(list);
      const place = gained(before, list.places);
      if (place) {
        standing.choose(place.host);
        const permissions = namesOf(place.permissions);
        toast(t("join.joined", { host: place.host_name, permissions }), "good");
      }
      goInstead({ at: "shows" });
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  }

  return (
    <Gate onSubmit={submit}>
      <div>
        <h1>{t("join.title")}</h1>
        <p>{t("join.lead", { name: user?.email ?? user?.name ?? "" })}</p>
      </div>
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <Button type="submit" look="strong" wide busy={busy}>
        {t("join.join")}
      </Button>
      <Button look="plain" wide onClick={signOut}>
        {t("join.another")}
      </Button>
      <Button look="plain" wide onClick={() => goInstead({ at: "shows" })}>
        {t("cancel")}
      </Button>
      <LanguageSwitch />
    </Gate>
  );
}
