import { Button, Field, LanguageSwitch } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { account, shop } from "../console.ts";
import { sentence, t } from "../texts/index.ts";
import "../style/signin.css";

export function SignIn() {
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setProblem(undefined);
    try {
      const signedIn = await shop.signIn(String(form.get("email")), String(form.get("password")));
      if (signedIn.user.role === "viewer") setProblem(t("sign_in.viewer"));
      else account.signIn(signedIn);
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="signin">
      <div class="signin-poster" aria-hidden="true">
        <span>liveshop</span>
      </div>
      <form class="signin-form" onSubmit={submit}>
        <div>
          <h1>{t("sign_in.title")}</h1>
          <p>{t("sign_in.lead")}</p>
        </div>
        <Field
          label={t("sign_in.email")}
          name="email"
          type="email"
          autocomplete="username"
          required
          autofocus
        />
        <Field
          label={t("sign_in.password")}
          name="password"
          type="password"
          autocomplete="current-password"
          required
        />
        {problem && (
          <p class="form-problem" role="alert">
            {problem}
          </p>
        )}
        <Button type="submit" look="strong" wide busy={busy}>
          {t("sign_in.submit")}
        </Button>
        <LanguageSwitch />
      </form>
    </main>
  );
}
