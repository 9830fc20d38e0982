import type { Moderated } from "@liveshop/client";
import { Button, Countdown } from "@liveshop/ui";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";

interface Props {
  readonly desk: Desk;
  readonly people: readonly Moderated[];
}

const KINDS = ["moderator", "muted", "banned"] as const;

/** Moderators, and who is muted or banned; each with the way back. */
export function People({ desk, people }: Props) {
  return KINDS.map((kind) => {
    const some = people.filter(({ what }) => what === kind);
    if (some.length === 0) return null;
    return (
      <section key={kind}>
        <h3>{t(`people.${kind}`)}</h3>
        <ul>
          {some.map((who) => (
            <Row key={who.id} desk={desk} who={who} />
          ))}
        </ul>
      </section>
    );
  });
}

function Row({ desk, who: { id, name, what, until } }: { desk: Desk; who: Moderated }) {
  const { moderation, doing } = desk;
  const deed = what === "moderator" ? `dismiss ${id}` : `pardon ${what} ${id}`;
  const undo = () => (what === "moderator" ? moderation.dismiss(id) : moderation.pardon(id, what));
  return (
    <li class="moderation-row">
      <span>
        <b>{name}</b>
        {until !== undefined && <Countdown key={until} to={until} />}
      </span>
      {(what !== "moderator" || desk.may("team")) && (
        <Button size="small" busy={doing.value.has(deed)} onClick={undo}>
          {t(`people.undo_${what}`)}
        </Button>
      )}
    </li>
  );
}
