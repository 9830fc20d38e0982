import type { OfferView } from "@liveshop/client";
import { Button, Icon, IconButton, Picture, Price, thumbnail } from "@liveshop/ui";
import { useState } from "preact/hooks";
import type { Desk } from "../desk.ts";
import { t } from "../texts/index.ts";
import { Extend } from "./Extend.tsx";
import { Figures } from "./Figures.tsx";
import { NoteField } from "./NoteField.tsx";
import { PhaseChip } from "./PhaseChip.tsx";
import { SellButtons } from "./SellButtons.tsx";
import { SortHandle } from "./SortHandle.tsx";
import type { useDrag } from "./useDrag.ts";

interface Props {
  readonly n: number;
  readonly offer: OfferView;
  readonly pinned: boolean;
  readonly desk: Desk;
  /** Whether anything can still be done in this show. */
  readonly running: boolean;
  /** Whether it can be moved to another place. */
  readonly sorting: boolean;
  readonly drag: ReturnType<typeof useDrag>;
  readonly onStep: (by: -1 | 1) => void;
  readonly onAgain: () => void;
}

export function RunRow(props: Props) {
  const { n, offer, pinned, desk, running, sorting, drag, onStep, onAgain } = props;
  const [figures, setFigures] = useState(false);
  const [noting, setNoting] = useState(false);
  const note = desk.notebook.texts.value.get(offer.id) ?? "";
  const held = drag.dragging?.id === offer.id ? drag.dragging : undefined;
  const falls = drag.dragging?.before === offer.id && held === undefined;
  const { title, state } = offer;
  const sells = running && desk.may("sell");
  const pins = running && desk.may("sell", "run_show");
  const pinning = desk.doing.value.has(`pin ${offer.id}`);
  const name = [
    "run-row",
    pinned && "run-row-pinned",
    state === "closed" && "run-row-closed",
    held && "run-row-held",
    falls && "run-row-below",
  ];
  return (
    <li
      class={name.filter(Boolean).join(" ")}
      aria-current={pinned}
      {...(state !== "closed" && { "data-row": offer.id })}
      {...(held && { style: { transform: `translateY(${held.by_px}px)` } })}
      onKeyDown={(event) => {
        if (!sorting || !event.altKey) return;
        if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
        event.preventDefault();
        onStep(event.key === "ArrowUp" ? -1 : 1);
      }}
    >
      <div class="run-row-what">
        <span class="run-number tabular" title={t(n <= 9 ? "run.key" : "run.number", { n })}>
          {n}
        </span>
        <Picture class="run-picture" src={thumbnail(offer.picture)} />
        <div class="run-text">
          <h3>{title}</h3>
          <p class={(offer.items ?? []).length > 0 ? "run-detail run-bundle" : "run-detail"}>
            {offer.kind === "flash" && (
              <span class="run-flash">
                <Icon name="bolt" solid />
                {t("kind.flash")}
              </span>
            )}
            {[...contents(offer), ...terms(offer)].join(" · ")}
          </p>
          <div class="run-state">
            <Price minor={offer.price_minor} currency={offer.currency} wasMinor={offer.was_minor} />
            <PhaseChip offer={offer} />
          </div>
        </div>
        <div class="run-side">
          {sorting && <SortHandle id={offer.id} title={title} drag={drag} onStep={onStep} />}
          {desk.may("run_show", "moderate") && (
            <IconButton
              icon="note"
              class={note ? "run-note run-note-some" : "run-note"}
              label={t("note.of", { title })}
              aria-expanded={noting}
              onClick={() => setNoting(!noting)}
            />
          )}
        </div>
      </div>
      <div class="run-deeds">
        {pins && state !== "closed" && (
          <Button
            size="small"
            icon="pin"
            look={pinned ? "strong" : "soft"}
            busy={pinning}
            aria-pressed={pinned}
            aria-label={t(pinned ? "run.unpin_it" : "run.pin_it", { title })}
            onClick={() => (pinned ? desk.unpin(offer.id) : desk.pin(offer.id))}
          >
            {t(pinned ? "run.on_screen" : "run.pin")}
          </Button>
        )}
        {sells && <SellButtons offer={offer} desk={desk} onAgain={onAgain} />}
        {sells && !pinned && <Extend offer={offer} desk={desk} />}
        <span class="run-left tabular">
          {state === "open"
            ? t("run.left", { left: offer.left, of: offer.quantity })
            : t("run.units", { count: offer.quantity })}
        </span>
        {state !== "draft" && desk.may("sell", "numbers") && (
          <IconButton
            icon="chevron"
            class={figures ? "run-more run-more-open" : "run-more"}
            label={t("run.figures_of", { title })}
            aria-expanded={figures}
            onClick={() => setFigures(!figures)}
          />
        )}
      </div>
      {noting ? (
        <NoteField desk={desk} offer={offer.id} label={t("note.of", { title })} />
      ) : (
        note && <p class="run-note-text">{note}</p>
      )}
      {figures && <Figures offer={offer} />}
    </li>
  );
}

/** How it is sold: at most so many each, and whether paying decides. */
function terms({ limit_per_buyer, policy }: OfferView): string[] {
  const limit = t("run.limit", { n: limit_per_buyer });
  return policy === "first_paid" ? [limit, t("run.first_paid")] : [limit];
}

/** What a unit is: the options of its variant, or what is in the bundle. */
function contents({ options = [], items = [] }: OfferView): readonly string[] {
  return items.length === 0 ? options : items.map(({ title, count = 1 }) => `${count} × ${title}`);
}
