import { Button, Sheet } from "@liveshop/ui";
import { useLive } from "../live.ts";
import { t } from "../words/index.ts";
import { BagList } from "./BagList.tsx";

interface Props {
  readonly onClose: () => void;
  readonly onOrders: () => void;
}

export function BagSheet({ onClose, onOrders }: Props) {
  const count = useLive().state.value.offers.length;
  return (
    <Sheet
      title={t("bag_items", { count })}
      onClose={onClose}
      footer={
        <Button wide icon="receipt" onClick={onOrders}>
          {t("my_orders")}
        </Button>
      }
    >
      <BagList />
    </Sheet>
  );
}
