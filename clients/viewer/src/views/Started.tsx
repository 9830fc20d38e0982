import { Icon, IconButton } from "@liveshop/ui";
import { seen, started } from "../reminders.ts";
import { showPath } from "../route.ts";
import { t } from "../words/index.ts";
import "./Started.css";

/** Says that a show has begun, until it is closed: a reminder does not go by itself. */
export function Started() {
  return (
    <div class="started" role="status">
      {started.value.map(({ id, title, host_name }) => (
        <div key={id} class="started-note on-paper">
          <Icon name="bell" />
          <p>
            <strong>{t("has_begun", { title })}</strong>
            <span>{t("by", { name: host_name })}</span>
          </p>
          <a class="button button-normal button-strong" href={showPath(id)}>
            {t("watch_now")}
          </a>
          <IconButton icon="close" label={t("close_note")} onClick={() => seen(id)} />
        </div>
      ))}
    </div>
  );
}
