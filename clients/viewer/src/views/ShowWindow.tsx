import { Icon, Picture } from "@liveshop/ui";
import "./ShowWindow.css";

interface Props {
  readonly pictures: readonly string[];
}

/** What a show sells, as a shop window: one big picture and two small ones. */
export function ShowWindow({ pictures }: Props) {
  return (
    <div class={`show-window show-window-${pictures.length}`}>
      {pictures.length === 0 && <Icon name="bag" />}
      {pictures.map((picture) => (
        <Picture key={picture} src={picture} />
      ))}
    </div>
  );
}
