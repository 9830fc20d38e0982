import { Field, TextArea } from "@liveshop/ui";
import { STATUSES, type ProductDraft } from "../productdraft.ts";
import { t } from "../texts/index.ts";
import { Choice } from "./Choice.tsx";

interface Props {
  readonly draft: ProductDraft;
  /** What is wrong with a value, by its path, such as `$.title`. */
  readonly problem: (path: string) => string | undefined;
  readonly onChange: (changes: Partial<ProductDraft>) => void;
}

/** What a product is, whatever its variants are. */
export function ProductFields({ draft, problem, onChange }: Props) {
  return (
    <>
      <Field
        label={t("goods.title")}
        value={draft.title}
        maxLength={255}
        required
        problem={problem("$.title")}
        onInput={({ currentTarget }) => onChange({ title: currentTarget.value })}
      />
      <TextArea
        label={t("goods.description")}
        rows={5}
        value={draft.body_html}
        hint={t("goods.description_hint")}
        problem={problem("$.body_html")}
        onInput={({ currentTarget }) => onChange({ body_html: currentTarget.value })}
      />
      <div class="form-row">
        <Field
          label={t("goods.vendor")}
          value={draft.vendor}
          maxLength={255}
          problem={problem("$.vendor")}
          onInput={({ currentTarget }) => onChange({ vendor: currentTarget.value })}
        />
        <Field
          label={t("goods.kind")}
          value={draft.kind}
          maxLength={255}
          problem={problem("$.kind")}
          onInput={({ currentTarget }) => onChange({ kind: currentTarget.value })}
        />
      </div>
      <Field
        label={t("goods.tags")}
        value={draft.tags}
        hint={t("goods.tags_hint")}
        problem={problem("$.tags")}
        onInput={({ currentTarget }) => onChange({ tags: currentTarget.value })}
      />
      <Choice
        legend={t("goods.status")}
        values={STATUSES}
        chosen={draft.status}
        onChoose={(status) => onChange({ status })}
      >
        {(status) => t(`product.${status}`)}
      </Choice>
      <p class="field-hint">{t(`goods.status_${draft.status}`)}</p>
    </>
  );
}
