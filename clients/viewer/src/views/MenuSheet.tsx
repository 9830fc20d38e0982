import { Avatar, Button, LanguageSwitch, now, Sheet } from "@liveshop/ui";
import { account } from "../account.ts";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./MenuSheet.css";

interface Props {
  readonly onClose: () => void;
  readonly onOrders: () => void;
}

export function MenuSheet({ onClose, onOrders }: Props) {
  const name = account.current.value?.user.name;
  return (
    <Sheet title={t("menu")} onClose={onClose}>
      <div class="menu-sheet">
        <p class="menu-you">
          <Avatar name={name ?? "?"} />
          {name === undefined ? t("watching_only") : t("signed_in_as", { name })}
        </p>
        <Delay />
        <Button wide icon="receipt" onClick={onOrders}>
          {t("my_orders")}
        </Button>
        <a class="button button-normal button-soft button-wide" href="/">
          {t("all_shows")}
        </a>
        <LanguageSwitch />
      </div>
    </Sheet>
  );
}

/** How old the picture is, for who wants to know; nothing where it is as new as can be. */
function Delay() {
  const { player } = useLive();
  // The clock ticks while this is on the page.
  void now.value;
  const behind = player.value?.behind_ms() ?? null;
  if (behind === null) return null;
  return <p class="menu-delay tabular">{t("behind", { seconds: (behind / 1000).toFixed(1) })}</p>;
}
