import { Avatar, Button, LanguageSwitch, Sheet } from "@liveshop/ui";
import { account } from "../account.ts";
import { comfort, setComfort } from "../comfort.ts";
import { popsOut } from "../player.ts";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import "./MenuSheet.css";
import { PictureFacts } from "./PictureFacts.tsx";

interface Props {
  readonly onClose: () => void;
  readonly onOrders: () => void;
}

export function MenuSheet({ onClose, onOrders }: Props) {
  const { player } = useLive();
  const playing = player.value !== null && player.value.way.value !== null;
  const name = account.current.value?.user.name;
  return (
    <Sheet title={t("menu")} onClose={onClose}>
      <div class="menu-sheet">
        <p class="menu-you">
          <Avatar name={name ?? "?"} />
          {name === undefined ? t("watching_only") : t("signed_in_as", { name })}
        </p>
        <PictureFacts />
        {popsOut && playing && (
          <Button wide icon="popout" onClick={() => (player.value?.popOut(), onClose())}>
            {t("pop_out")}
          </Button>
        )}
        <Button wide icon="receipt" onClick={onOrders}>
          {t("my_orders")}
        </Button>
        <Button wide aria-pressed={comfort.value} onClick={() => setComfort(!comfort.value)}>
          <span class="menu-letter" aria-hidden="true">
            A
          </span>
          {t(comfort.value ? "comfort_off" : "comfort_on")}
        </Button>
        <a class="button button-normal button-soft button-wide" href="/">
          {t("all_shows")}
        </a>
        <LanguageSwitch />
      </div>
    </Sheet>
  );
}
