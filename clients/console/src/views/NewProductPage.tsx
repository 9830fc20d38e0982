import { Button, Field, Icon, IconButton, unit } from "@liveshop/ui";
import type { TargetedEvent } from "preact";
import { useEffect, useState } from "preact/hooks";
import { shop } from "../console.ts";
import {
  emptyProduct,
  emptyVariant,
  listed,
  MAX_OPTIONS,
  newProductOf,
  newVariantOf,
  type ProductDraft,
  type VariantDraft,
} from "../productdraft.ts";
import { refusalOf } from "../refusal.ts";
import { address, go } from "../route.ts";
import { sentence, t } from "../texts/index.ts";
import { ProductFields } from "./ProductFields.tsx";
import { TopBar } from "./TopBar.tsx";
import { VariantFields } from "./VariantFields.tsx";
import "../style/goods.css";

/** A product made by hand; its pictures come on its own page, once it is there. */
export function NewProductPage() {
  const [product, setProduct] = useState<ProductDraft>(emptyProduct);
  const [optionText, setOptionText] = useState("");
  const [variants, setVariants] = useState<readonly VariantDraft[]>([emptyVariant]);
  const [currency, setCurrency] = useState("USD");
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState<unknown>();
  // What the shop's other products are priced in.
  useEffect(() => {
    shop.products("").then(
      ({ products }) => setCurrency(products[0]?.variants[0]?.currency ?? "USD"),
      () => undefined,
    );
  }, []);

  const digits = /^[A-Z]{3}$/.test(currency) ? Math.round(Math.log10(unit(currency))) : 2;
  const options = listed(optionText);
  // Without options there is nothing in which a second one could differ.
  const shown = options.length === 0 ? variants.slice(0, 1) : variants;
  const checked = shown.map((draft) => newVariantOf(draft, options.length, currency, digits));
  const at = refusalOf(refused)?.path;
  const problem = (path: string) => (at === path ? sentence(refused) : undefined);

  async function submit(event: TargetedEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    setTried(true);
    const sound = checked.flatMap((each) => ("value" in each ? [each.value] : []));
    if (sound.length < checked.length || product.title.trim() === "") {
      // Once the faults are drawn, to the first of them.
      requestAnimationFrame(() =>
        form.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(),
      );
      return;
    }
    setBusy(true);
    try {
      const made = await shop.createProduct(newProductOf(product, options, sound));
      go({ at: "product", product: made.id });
    } catch (error) {
      setRefused(error);
      setBusy(false);
    }
  }

  function change(n: number, changes: Partial<VariantDraft>) {
    setVariants(variants.map((draft, at) => (at === n ? { ...draft, ...changes } : draft)));
  }

  return (
    <>
      <TopBar at="new_product" />
      <main class="page goods goods-new">
        <a class="goods-back" href={address({ at: "products" })}>
          <Icon name="chevron" /> {t("products")}
        </a>
        <h1>{t("goods.new")}</h1>
        <form class="goods-column" onSubmit={submit} noValidate>
          <section class="panel goods-part form" aria-labelledby="goods-details">
            <h2 id="goods-details">{t("goods.details")}</h2>
            <ProductFields
              draft={product}
              problem={(path) =>
                tried && path === "$.title" && product.title.trim() === ""
                  ? t("goods.fault_needed")
                  : problem(path)
              }
              onChange={(changes) => setProduct({ ...product, ...changes })}
            />
          </section>
          <section class="panel goods-part form" aria-labelledby="goods-variants">
            <h2 id="goods-variants">{t("goods.variants")}</h2>
            <div class="form-row">
              <Field
                label={t("goods.options")}
                value={optionText}
                hint={t("goods.options_hint")}
                problem={
                  options.length > MAX_OPTIONS
                    ? t("goods.fault_options", { most: MAX_OPTIONS })
                    : problem("$.options")
                }
                onInput={({ currentTarget }) => setOptionText(currentTarget.value)}
              />
              <Field
                label={t("goods.currency")}
                value={currency}
                maxLength={3}
                autocapitalize="characters"
                problem={problem("$.variants[0].currency")}
                onInput={({ currentTarget }) => setCurrency(currentTarget.value.toUpperCase())}
              />
            </div>
            {shown.map((draft, n) => {
              const each = checked[n];
              return (
                <fieldset key={n} class="goods-new-variant">
                  <legend>{t("goods.variant_n", { n: n + 1 })}</legend>
                  <VariantFields
                    draft={draft}
                    faults={tried && each && "faults" in each ? each.faults : {}}
                    currency={currency}
                    digits={digits}
                    options={options}
                    problem={(path) => problem(path.replace("$", `$.variants[${n}]`))}
                    onChange={(changes) => change(n, changes)}
                  />
                  {shown.length > 1 && (
                    <IconButton
                      icon="trash"
                      label={t("goods.drop_variant", { n: n + 1 })}
                      onClick={() => setVariants(variants.toSpliced(n, 1))}
                    />
                  )}
                </fieldset>
              );
            })}
            {options.length > 0 && (
              <Button icon="plus" onClick={() => setVariants([...variants, emptyVariant])}>
                {t("goods.add_variant")}
              </Button>
            )}
          </section>
          {refused !== undefined && (
            <p class="form-problem" role="alert">
              {sentence(refused)}
            </p>
          )}
          <Button type="submit" look="strong" wide busy={busy}>
            {t("goods.create")}
          </Button>
        </form>
      </main>
    </>
  );
}
