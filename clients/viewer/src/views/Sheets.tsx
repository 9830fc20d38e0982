import type { Signal } from "@preact/signals";
import { useLive } from "../live.ts";
import { BagSheet } from "./BagSheet.tsx";
import { CheckoutSheet } from "./CheckoutSheet.tsx";
import { MenuSheet } from "./MenuSheet.tsx";
import { NameSheet } from "./NameSheet.tsx";
import { OrdersSheet } from "./OrdersSheet.tsx";
import { ShareSheet } from "./ShareSheet.tsx";

export type Opened = "bag" | "orders" | "menu" | "share" | "chat" | null;

interface Props {
  readonly opened: Signal<Opened>;
}

/** What lies over the room, whatever the room looks like. */
export function Sheets({ opened }: Props) {
  const { till, nameless } = useLive();
  const close = (): void => void (opened.value = null);
  const toOrders = (): void => void (opened.value = "orders");
  return (
    <>
      {opened.value === "bag" && <BagSheet onClose={close} onOrders={toOrders} />}
      {opened.value === "orders" && <OrdersSheet onClose={close} />}
      {opened.value === "menu" && <MenuSheet onClose={close} onOrders={toOrders} />}
      {opened.value === "share" && <ShareSheet onClose={close} />}
      {till.value && <CheckoutSheet till={till.value} />}
      {nameless.value && <NameSheet />}
    </>
  );
}
