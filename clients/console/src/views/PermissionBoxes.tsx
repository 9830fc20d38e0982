import { standing } from "../console.ts";
import { PERMISSIONS, type Permission } from "../standing.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly chosen: readonly Permission[];
  readonly onChoose: (chosen: readonly Permission[]) => void;
}

/** All that a member may be allowed, each in half a sentence; what one lacks cannot be given. */
export function PermissionBoxes({ chosen, onChoose }: Props) {
  return (
    <fieldset class="permissions">
      <legend>{t("permission.which")}</legend>
      {PERMISSIONS.map((each) => {
        const own = standing.may(each);
        const has = chosen.includes(each);
        return (
          <label key={each}>
            <input
              type="checkbox"
              checked={has}
              disabled={!own}
              onChange={() =>
                onChoose(PERMISSIONS.filter((other) => chosen.includes(other) !== (other === each)))
              }
            />
            <span>
              <strong>{t(`permission.${each}`)}</strong>
              <small>{t(own ? `permission.${each}_is` : "permission.not_own")}</small>
            </span>
          </label>
        );
      })}
    </fieldset>
  );
}
