import { Avatar, Button, LanguageSwitch } from "@liveshop/ui";
import { useEffect, useRef } from "preact/hooks";
import { account, signOut } from "../console.ts";
import "../style/menu.css";
import { t } from "../texts/index.ts";
import { ShopPart } from "./ShopPart.tsx";

/** Who is signed in; behind it the shop, the language and the way out. */
export function AccountMenu() {
  const menu = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const fold = (event: Event) => {
      const { current } = menu;
      const inside = event.target instanceof Node && current?.contains(event.target) === true;
      const escaped = event instanceof KeyboardEvent && event.key === "Escape";
      if (current?.open && (escaped || (event instanceof PointerEvent && !inside)))
        current.open = false;
    };
    addEventListener("pointerdown", fold);
    addEventListener("keydown", fold);
    return () => {
      removeEventListener("pointerdown", fold);
      removeEventListener("keydown", fold);
    };
  }, []);
  const user = account.current.value?.user;
  if (user === undefined) return null;
  return (
    <details class="menu" ref={menu}>
      <summary aria-label={user.name} title={user.name}>
        <Avatar name={user.name} />
      </summary>
      <div class="menu-body">
        <div>
          <strong>{user.name}</strong>
          {user.email && <p>{user.email}</p>}
        </div>
        <ShopPart />
        <LanguageSwitch />
        <Button look="soft" icon="signout" wide onClick={signOut}>
          {t("sign_out")}
        </Button>
      </div>
    </details>
  );
}
