import { Button, Sheet, toast } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import { Badges } from "./Badges.tsx";
import { ChatText } from "./ChatText.tsx";
import "./LineSheet.css";

/** What a viewer can do about the line they picked. */
export function LineSheet() {
  const { state, talk } = useLive();
  const line = talk.picked.value;
  if (line === null) return null;
  const { from, text } = line;
  const close = (): void => void (talk.picked.value = null);

  function copy(): void {
    close();
    navigator.clipboard.writeText(text).then(
      () => toast(t("copied")),
      () => toast(t("not_copied"), "bad"),
    );
  }

  return (
    <div class="line-menu on-paper">
      <Sheet title={t("line_of", { name: from.name })} onClose={close}>
        <div class="line-sheet">
          <p class="line-sheet-said">
            <Badges of={from} />
            <b>
              <bdi>{from.name}</bdi>
            </b>
            <ChatText line={line} />
          </p>
          <Button wide look="strong" icon="reply" onClick={() => talk.answer(line)}>
            {t("reply")}
          </Button>
          {from.id !== state.value.you?.id && (
            <Button wide icon="at" onClick={() => talk.call(from)}>
              {t("call_name", { name: from.name })}
            </Button>
          )}
          {/* Where the page came over plain http, there is no clipboard. */}
          {navigator.clipboard && (
            <Button wide icon="copy" onClick={copy}>
              {t("copy")}
            </Button>
          )}
        </div>
      </Sheet>
    </div>
  );
}
