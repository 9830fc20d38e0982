import { Icon } from "@liveshop/ui";
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface Props {
  /** Media types and endings, as an `<input>` wants them. */
  readonly accept: string;
  readonly multiple?: boolean;
  readonly busy?: boolean;
  readonly onFiles: (files: readonly File[]) => void;
  /** What it says; `over` while files are held above it. */
  readonly children: (over: boolean) => ComponentChildren;
}

/** A place to drop files on; a press on it chooses some. */
export function DropZone({ accept, multiple = false, busy = false, onFiles, children }: Props) {
  const [over, setOver] = useState(false);
  const take = (files: FileList | null | undefined) => {
    if (files && files.length > 0) onFiles(multiple ? [...files] : [...files].slice(0, 1));
  };
  return (
    <label
      class={over ? "dropzone dropzone-over" : "dropzone"}
      aria-busy={busy}
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
      {children(over)}
      <input
        class="hidden-visually"
        type="file"
        accept={accept}
        multiple={multiple}
        disabled={busy}
        onChange={({ currentTarget }) => {
          take(currentTarget.files);
          // The same file can be chosen again after a refusal.
          currentTarget.value = "";
        }}
      />
    </label>
  );
}
