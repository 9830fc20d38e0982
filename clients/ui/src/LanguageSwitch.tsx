import { LANGUAGES, language, type Language, speak } from "./i18n.ts";
import "./LanguageSwitch.css";
import { t } from "./words.ts";

/** The languages, each in its own words. */
export function LanguageSwitch() {
  return (
    <div class="language-switch" role="group" aria-label={t("language")}>
      {(Object.entries(LANGUAGES) as [Language, string][]).map(([tongue, name]) => (
        <button
          key={tongue}
          type="button"
          lang={tongue}
          aria-pressed={language.value === tongue}
          onClick={() => speak(tongue)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
