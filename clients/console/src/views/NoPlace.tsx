import { Button, Field, LanguageSwitch } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { signOut } from "../console.ts";
import { codeIn } from "../invitation.ts";
import { go } from "../route.ts";
import { t } from "../texts/index.ts";
import { Gate } from "./Gate.tsx";

/** For an account that hosts nothing and is in no team: what it takes to get in. */
export function NoPlace() {
  function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const code = codeIn(String(new FormData(event.currentTarget).get("code")));
    if (code !== "") go({ at: "join", code });
  }
  return (
    <Gate onSubmit={submit}>
      <div>
        <h1>{t("place.none")}</h1>
        <p>{t("place.none_lead")}</p>
      </div>
      <Field label={t("place.code")} name="code" autocomplete="off" required />
      <Button type="submit" look="strong" wide>
        {t("place.go_on")}
      </Button>
      <Button look="plain" wide icon="signout" onClick={signOut}>
        {t("sign_out")}
      </Button>
      <LanguageSwitch />
    </Gate>
  );
}
