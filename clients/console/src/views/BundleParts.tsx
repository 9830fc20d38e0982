import { Field, IconButton, Picture } from "@liveshop/ui";
import { counted, isBundle, type Parts } from "../bundle.ts";
import { t } from "../texts/index.ts";
import "../style/bundle.css";

interface Props {
  readonly parts: Parts;
  readonly title: string;
  readonly onParts: (parts: Parts) => void;
  readonly onTitle: (title: string) => void;
}

/** What is in each unit; more than one thing makes it a bundle, at one price. */
export function BundleParts({ parts, title, onParts, onTitle }: Props) {
  if (!isBundle(parts)) return null;
  return (
    <>
      <Field
        label={t("bundle.title")}
        value={title}
        maxLength={255}
        placeholder={parts[0].title}
        onInput={({ currentTarget }) => onTitle(currentTarget.value)}
      />
      <ul class="bundle" aria-label={t("bundle.parts")}>
        {parts.map(({ title, picture, variant: { id, options = [] }, count }) => (
          <li key={id}>
            <Picture class="bundle-picture" src={picture} />
            <span class="bundle-what">{[title, ...options].join(" · ")}</span>
            <IconButton
              icon="minus"
              label={t("bundle.less", { title })}
              onClick={() => onParts(counted(parts, id, count - 1))}
            />
            <output class="tabular">{count} ×</output>
            <IconButton
              icon="plus"
              label={t("bundle.more", { title })}
              onClick={() => onParts(counted(parts, id, count + 1))}
            />
          </li>
        ))}
      </ul>
    </>
  );
}
