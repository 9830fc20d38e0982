import { standing } from "../console.ts";
import { PERMISSIONS, type Permission } from "../standing.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly chosen: readonly Permission[];
  /** Called with what becomes of the choice as it is then, however fast the boxes are ticked. */
  readonly onChoose: (
    change: (chosen: readonly Permission[]) => readonly Permission[],
  ) => void;
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
                onChoose((before) =>
                  PERMISSIONS.filter((other) => before.includes(other) !== (other === each)),
                )
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
