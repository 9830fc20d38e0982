import { Button, Field, LanguageSwitch } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { account, shop } from "../console.ts";
import { route } from "../route.ts";
import { sentence, t } from "../texts/index.ts";
import { Gate } from "./Gate.tsx";

/** As `live/api/bodies.py` has them. */
const PASSWORD_CHARACTERS = 8;
const NAME_CHARACTERS = 40;

/** Sign in; whoever follows an invitation may open an account instead. */
export function SignIn() {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const [opening, setOpening] = useState(false);
  const invited = route.value.at === "join";
  const isNew = invited && opening;

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string => String(form.get(name));
    const [email, password] = [text("email"), text("password")];
    setBusy(true);
    setProblem(undefined);
    try {
      account.signIn(
        isNew
          ? await shop.signUp({ email, password, name: text("name") })
          : await shop.signIn(email, password),
      );
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <Gate onSubmit={submit}>
      <div>
        <h1>{t(invited ? "sign_in.invited" : "sign_in.title")}</h1>
        <p>{t(invited ? "sign_in.invited_lead" : "sign_in.lead")}</p>
      </div>
      {isNew && (
        <Field
          label={t("sign_in.name")}
          name="name"
          autocomplete="name"
          maxLength={NAME_CHARACTERS}
          pattern=".*\S.*"
          required
          autofocus
        />
      )}
      <Field
        label={t("sign_in.email")}
        name="email"
        type="email"
        autocomplete="username"
        required
        autofocus
      />
      <Field
        key={isNew ? "new" : "known"}
        label={t("sign_in.password")}
        name="password"
        type="password"
        required
        {...(isNew
          ? {
              autocomplete: "new-password",
              minLength: PASSWORD_CHARACTERS,
              hint: t("sign_in.password_hint"),
            }
          : { autocomplete: "current-password" })}
      />
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <Button type="submit" look="strong" wide busy={busy}>
        {t(isNew ? "sign_in.open" : "sign_in.submit")}
      </Button>
      {invited && (
        <Button
          look="plain"
          wide
          onClick={() => {
            setOpening(!opening);
            setProblem(undefined);
          }}
        >
          {t(isNew ? "sign_in.in_instead" : "sign_in.open_instead")}
        </Button>
      )}
      <LanguageSwitch />
    </Gate>
  );
}
