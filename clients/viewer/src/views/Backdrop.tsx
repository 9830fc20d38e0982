import { Avatar, Picture } from "@liveshop/ui";
import "./Backdrop.css";
import { t } from "../words/index.ts";

interface Props {
  /** Of the product that is on screen. */
  readonly picture: string | undefined;
  readonly hostName: string | undefined;
  readonly title: string | undefined;
}

/** The set: the product in the light of its own colours, or the host when nothing is shown. */
export function Backdrop({ picture, hostName, title }: Props) {
  if (picture === undefined) {
    return (
      <div class="backdrop backdrop-host">
        <i class="backdrop-glow" />
        <i class="backdrop-glow" />
        {hostName !== undefined && (
          <div class="backdrop-name">
            <span class="backdrop-rings">
              <Avatar name={hostName} />
            </span>
            <strong>{title}</strong>
            <span>{t("by", { name: hostName })}</span>
          </div>
        )}
      </div>
    );
  }
  return (
    <div class="backdrop" key={picture}>
      <Picture class="backdrop-light" src={picture} eager />
      <div class="backdrop-product">
        <Picture src={picture} eager />
      </div>
    </div>
  );
}
