import type { Invited } from "@liveshop/client";
import { Button, dayAndTime, Field, Sheet, toast } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useState } from "preact/hooks";
import { report, standing } from "../console.ts";
import { linkOf } from "../invitation.ts";
import type { Permission } from "../standing.ts";
import { presetOf, PRESETS, type Preset, type Teaming } from "../team.ts";
import { sentence, t } from "../texts/index.ts";
import { Choice } from "./Choice.tsx";
import { PermissionBoxes } from "./PermissionBoxes.tsx";

const NAME_CHARACTERS = 60;

interface Props {
  readonly teaming: Teaming;
  readonly onClose: () => void;
}

/** Whom, and for what; then the link to pass on, which nobody can show again. */
export function InviteSheet({ teaming, onClose }: Props) {
  const [made, setMade] = useState<{ readonly name: string; readonly invited: Invited }>();
  if (made) return <Link {...made} onClose={onClose} />;
  return (
    <Sheet title={t("team.invite_title")} onClose={onClose}>
      <InviteForm teaming={teaming} onMade={(name, invited) => setMade({ name, invited })} />
    </Sheet>
  );
}

interface FormProps {
  readonly teaming: Teaming;
  readonly onMade: (name: string, invited: Invited) => void;
}

function InviteForm({ teaming, onMade }: FormProps) {
  const presets = (Object.keys(PRESETS) as Preset[]).filter((name) =>
    PRESETS[name].every((each) => standing.may(each)),
  );
  const [first] = presets;
  const [chosen, setChosen] = useState<readonly Permission[]>(first ? PRESETS[first] : []);
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get("name")).trim();
    setBusy(true);
    setProblem(undefined);
    try {
      onMade(name, await teaming.invite({ name, permissions: [...chosen] }));
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  }

  return (
    <form class="form" onSubmit={submit}>
      <Field
        label={t("team.invite_name")}
        hint={t("team.invite_name_hint")}
        name="name"
        maxLength={NAME_CHARACTERS}
        pattern=".*\S.*"
        autocomplete="off"
        required
        autofocus
      />
      {presets.length > 0 && (
        <Choice
          legend={t("preset.legend")}
          values={[...presets, "own" as const]}
          chosen={presetOf(chosen) ?? "own"}
          onChoose={(preset) => setChosen(preset === "own" ? [] : PRESETS[preset])}
        >
          {(preset) => t(`preset.${preset}`)}
        </Choice>
      )}
      <PermissionBoxes chosen={chosen} onChoose={setChosen} />
      {problem && (
        <p class="form-problem" role="alert">
          {problem}
        </p>
      )}
      <div class="form-foot">
        <Button
          type="submit"
          look="strong"
          wide
          busy={busy}
          disabled={chosen.length === 0}
        >
          {t("team.invite_submit")}
        </Button>
      </div>
    </form>
  );
}

interface LinkProps {
  readonly name: string;
  readonly invited: Invited;
  readonly onClose: () => void;
}

function Link({ name, invited: { code, expires_at }, onClose }: LinkProps) {
  const link = linkOf(code, `${location.origin}${location.pathname}`);

  async function copy() {
    try {
      await navigator.clipboard.writeText(link);
      toast(t("desk.copied"), "good");
    } catch (error) {
      report(error);
    }
  }

  return (
    <Sheet title={t("team.invited_title", { name })} onClose={onClose}>
      <div class="form">
        <p>{t("team.invited_lead", { name, when: dayAndTime(expires_at) })}</p>
        <Field
          label={t("team.link")}
          value={link}
          readOnly
          onFocus={({ currentTarget }) => currentTarget.select()}
        />
        {/* Browsers give the clipboard to secure pages only. */}
        {isSecureContext && (
          <Button look="strong" wide icon="copy" onClick={copy}>
            {t("team.copy")}
          </Button>
        )}
        <Button wide onClick={onClose}>
          {t("team.done")}
        </Button>
      </div>
    </Sheet>
  );
}
