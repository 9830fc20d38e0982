import { Button, Sheet, toast } from "@liveshop/ui";
import { useRef } from "preact/hooks";
import { useLive } from "../live.ts";
import { canHandOn, copied, handOn, shareLink } from "../share.ts";
import { t } from "../words/index.ts";
import { QrCode } from "./QrCode.tsx";
import "./ShareSheet.css";

interface Props {
  readonly onClose: () => void;
}

/** The show for someone else: through another app, as a link, or off this screen. */
export function ShareSheet({ onClose }: Props) {
  const { id, state } = useLive();
  const title = state.value.show?.title ?? t("brand");
  const link = shareLink(id);
  const field = useRef<HTMLInputElement>(null);

  async function copy(): Promise<void> {
    if (field.current === null) return;
    if (await copied(link, field.current)) toast(t("link_copied"), "good");
    else toast(t("link_not_copied"), "bad");
  }

  return (
    <Sheet title={t("share")} onClose={onClose}>
      <div class="share-sheet">
        <p>{t("share_hint")}</p>
        {canHandOn() && (
          <Button look="strong" wide icon="share" onClick={() => void handOn(title, link)}>
            {t("share_with")}
          </Button>
        )}
        <div class="share-link">
          <input
            ref={field}
            readOnly
            aria-label={t("link")}
            value={link}
            onFocus={({ currentTarget }) => currentTarget.select()}
          />
          <Button icon="link" look={canHandOn() ? "soft" : "strong"} onClick={() => void copy()}>
            {t("copy")}
          </Button>
        </div>
        <QrCode text={link} label={t("qr_label")} />
        <p class="share-note">{t("qr_hint")}</p>
      </div>
    </Sheet>
  );
}
