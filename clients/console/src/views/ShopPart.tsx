import { toast } from "@liveshop/ui";
import { account, report, shop, standing } from "../console.ts";
import { go } from "../route.ts";
import { namesOf, t } from "../texts/index.ts";
import { Choice } from "./Choice.tsx";
import { SureButton } from "./SureButton.tsx";

/** In whose shop one is and what one may do there, the other shops, and the way out of a team. */
export function ShopPart() {
  const here = standing.here.value;
  const places = standing.places.value ?? [];
  const me = account.current.value?.user.id;
  if (here === null || (here.host === me && places.length === 1)) return null;
  const { host, host_name } = here;

  async function leave() {
    try {
      standing.learn(await shop.leaveTeam(host));
      toast(t("place.left", { host: host_name }));
      go({ at: "shows" });
    } catch (error) {
      report(error);
    }
  }

  return (
    <>
      <Choice
        look="cards"
        legend={t("place.shop")}
        values={places.map((place) => place.host)}
        chosen={host}
        onChoose={(other) => {
          standing.choose(other);
          go({ at: "shows" });
        }}
      >
        {(id) => {
          const place = places.find((each) => each.host === id);
          return (
            <>
              <strong>{place?.host_name}</strong>
              <small>{id === me ? t("place.own") : namesOf(place?.permissions ?? [])}</small>
            </>
          );
        }}
      </Choice>
      {host !== me && (
        <SureButton
          text={t("place.leave")}
          question={t("place.leave_sure", { host: host_name })}
          onSure={leave}
        />
      )}
    </>
  );
}
