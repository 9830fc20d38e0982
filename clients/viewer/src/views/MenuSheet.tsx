import { Avatar, Button, LanguageSwitch, Sheet } from "@liveshop/ui";
import { account } from "../account.ts";
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
