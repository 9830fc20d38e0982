import { Icon, IconButton } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./Answering.css";

/** Which line is being answered, above the field. */
export function Answering() {
  const { talk } = useLive();
  const line = talk.answering.value;
  if (line === null) return null;
  return (
    <div class="answering">
      <Icon name="reply" />
      <p>
        <b>
          {t("replying_to")} <bdi>{line.from.name}</bdi>
        </b>
        <bdi class="answering-text">{line.text}</bdi>
      </p>
      <IconButton
        icon="close"
        label={t("no_reply")}
        onClick={() => {
          talk.answering.value = null;
          talk.wanted.value += 1;
        }}
      />
    </div>
  );
}
