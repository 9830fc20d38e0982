import { Button } from "@liveshop/ui";
import type { ComponentChildren } from "preact";
import { t } from "../words/index.ts";
import "./Shelf.css";

interface Props {
  readonly onOrders: () => void;
  readonly children: ComponentChildren;
}

/** The bag as a column, where there is room for one. */
export function Shelf({ onOrders, children }: Props) {
  return (
    <aside class="shelf" aria-label={t("bag")}>
      <header class="shelf-head">
        <h2>{t("shop")}</h2>
        <Button size="small" icon="receipt" onClick={onOrders}>
          {t("my_orders")}
        </Button>
      </header>
      <div class="shelf-scroll">{children}</div>
    </aside>
  );
}
