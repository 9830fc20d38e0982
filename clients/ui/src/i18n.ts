/**
 * Texts in two languages. A text is looked up when it is shown, so a component that shows one
 * follows the language by itself.
 */

import { effect, signal } from "@preact/signals";

export type Language = "en" | "zh-CN";

export const LANGUAGES: Readonly<Record<Language, string>> = { en: "English", "zh-CN": "简体中文" };

/** A sentence with `{places}`; with `one`, its plural follows the place `count`. */
export type Text = string | { readonly one: string; readonly other: string };

export type Values = Readonly<Record<string, string | number>>;

const KEPT_AS = "liveshop.language";

export const language = signal<Language>(preferred());

effect(() => {
  document.documentElement.lang = language.value;
});

export function speak(chosen: Language): void {
  language.value = chosen;
  localStorage.setItem(KEPT_AS, chosen);
}

function preferred(): Language {
  // A page that embeds this one says which in the address; what a person chose comes after it.
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = asked ?? localStorage.getItem(KEPT_AS) ?? navigator.language;
  return wanted.startsWith("zh") ? "zh-CN" : "en";
}

/** The spoken language as this person's country writes it: dates in `en-GB`, not in `en`. */
export function locale(): string {
  const [family = ""] = language.value.split("-");
  return navigator.languages.find((wanted) => wanted.split("-")[0] === family) ?? language.value;
}

/** The texts of one page; the compiler sees to it that no language lacks one. */
export function catalogue<Key extends string>(
  texts: { readonly en: Readonly<Record<Key, Text>> } & Readonly<
    Record<Language, Readonly<Record<NoInfer<Key>, Text>>>
  >,
): (key: Key, values?: Values) => string {
  return (key, values = {}) => filled(texts[language.value][key], values, language.value);
}

/** `text` with its places filled in, in the plural that `count` asks for. */
export function filled(text: Text, values: Values, tongue: Language): string {
  const form =
    typeof text === "string"
      ? text
      : new Intl.PluralRules(tongue).select(Number(values["count"] ?? 0)) === "one"
        ? text.one
        : text.other;
  return form.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === "number" ? new Intl.NumberFormat(tongue).format(value) : value;
  });
}
