import type { Address, AddressView } from "@liveshop/client";
import { Button, countryName, IconButton } from "@liveshop/ui";
import type { Till } from "../till.ts";
import { t } from "../words/index.ts";

interface Props {
  readonly till: Till;
  readonly onNew: () => void;
  readonly onEdit: (kept: AddressView) => void;
}

/** Where it goes: the address that was used last is chosen already. */
export function AddressPick({ till, onNew, onEdit }: Props) {
  return (
    <fieldset class="pick">
      <legend>{t("deliver_to")}</legend>
      {till.addresses.value.map((kept) => {
        const { id, address } = kept;
        return (
        <div key={id} class="pick-line">
          <label class="pick-row">
            <input
              type="radio"
              name="address"
              checked={till.address.value === id}
              onChange={() => till.deliverTo(id)}
            />
            <span class="pick-what">
              <strong>{address.name}</strong>
              <small>{inOneLine(address)}</small>
            </span>
          </label>
          <IconButton
            icon="pencil"
            label={t("edit_address", { name: address.name })}
            onClick={() => onEdit(kept)}
          />
          <IconButton
            icon="trash"
            label={t("forget_address", { name: address.name })}
            onClick={() => void till.forget(id)}
          />
        </div>
        );
      })}
      <Button size="small" look="plain" icon="plus" onClick={onNew}>
        {t("new_address")}
      </Button>
    </fieldset>
  );
}

function inOneLine({ lines, city, region, postcode, country }: Address): string {
  const town = [postcode, city, region].filter(Boolean).join(" ");
  return [...lines, town, countryName(country)].join(", ");
}
