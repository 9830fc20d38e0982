import { standing } from "../console.ts";
import { address, type Route } from "../route.ts";
import { t } from "../texts/index.ts";
import { AccountMenu } from "./AccountMenu.tsx";
import "../style/topbar.css";

interface Props {
  readonly at: Route["at"];
}

const PRODUCTS: ReadonlySet<Route["at"]> = new Set(["products", "product", "new_product"]);

/** Above every page but the desk, which has a bar of its own. */
export function TopBar({ at }: Props) {
  return (
    <header class="topbar">
      <a class="topbar-mark" href={address({ at: "shows" })}>
        <span class="topbar-name">liveshop</span> <span class="topbar-console">{t("console")}</span>
      </a>
      <nav>
        <a href={address({ at: "shows" })} aria-current={at === "shows" ? "page" : undefined}>
          {t("shows")}
        </a>
        {standing.opens("products") && (
          <a
            href={address({ at: "products" })}
            aria-current={PRODUCTS.has(at) ? "page" : undefined}
          >
            {t("products")}
          </a>
        )}
        {standing.opens("team") && (
          <a
            href={address({ at: "team" })}
            aria-current={at === "team" || at === "audit" ? "page" : undefined}
          >
            {t("team")}
          </a>
        )}
      </nav>
      <AccountMenu />
    </header>
  );
}
