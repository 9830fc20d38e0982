import { Icon } from "@liveshop/ui";
import { useState } from "preact/hooks";
import { t } from "../texts/index.ts";

interface Props {
  readonly onFile: (file: File) => void;
}

/** A place to drop a file on; a press on it chooses one. */
export function DropZone({ onFile }: Props) {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    const file = files?.[0];
    if (file) onFile(file);
  };
  return (
    <label
      class={over ? "dropzone dropzone-over" : "dropzone"}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer?.files);
      }}
    >
      <Icon name="upload" />
      <strong>{t(over ? "import.let_go" : "import.drop")}</strong>
      <span class="button button-soft button-small">{t("import.choose")}</span>
      <input
        class="hidden-visually"
        type="file"
        accept=".csv,text/csv"
        onChange={({ currentTarget }) => take(currentTarget.files)}
      />
    </label>
  );
}
