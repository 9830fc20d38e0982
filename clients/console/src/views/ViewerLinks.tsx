import { Button, Icon, toast } from "@liveshop/ui";
import { report } from "../console.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly show: string;
}

/** The page that viewers open: to look at, and to pass on. */
export function ViewerLinks({ show }: Props) {
  const page = `/live/${encodeURIComponent(show)}`;

  async function copy() {
    try {
      await navigator.clipboard.writeText(new URL(page, location.href).href);
      toast(t("desk.copied"), "good");
    } catch (error) {
      report(error);
    }
  }

  return (
    <div class="viewer-links">
      {/* Browsers give the clipboard to secure pages only. */}
      {isSecureContext && (
        <Button look="plain" onClick={copy}>
          {t("desk.copy")}
        </Button>
      )}
      <a class="button button-soft button-normal" href={page} target="_blank" rel="noopener">
        <Icon name="eye" />
        {t("desk.viewer_page")}
      </a>
    </div>
  );
}
