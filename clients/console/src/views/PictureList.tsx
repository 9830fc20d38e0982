import type { ProductView } from "@liveshop/client";
import { IconButton, Picture, thumbnail } from "@liveshop/ui";
import type { Goods } from "../goods.ts";
import { moved } from "../productdraft.ts";
import { t } from "../texts/index.ts";
import { DropZone } from "./DropZone.tsx";

/** What the server takes. */
const TYPES = "image/jpeg,image/png,image/webp";

interface Props {
  readonly goods: Goods;
  readonly product: ProductView;
  readonly mayEdit: boolean;
}

/** The pictures in their order; the first is the one on cards. */
export function PictureList({ goods, product, mayEdit }: Props) {
  const { pictures = [], alts = {} } = product;
  const uploading = goods.uploading.value;
  const put = (list: readonly string[]) => goods.change({ pictures: [...list] });

  return (
    <section class="panel goods-part" aria-labelledby="goods-pictures">
      <h2 id="goods-pictures">{t("goods.pictures")}</h2>
      {pictures.length === 0 && !mayEdit && <p class="empty">{t("goods.no_pictures")}</p>}
      <ol class="goods-pictures">
        {pictures.map((src, n) => (
          <li key={src}>
            <Picture src={thumbnail(src)} alt={alts[src] ?? t("goods.picture", { n: n + 1 })} />
            {n === 0 && <span class="chip goods-cover">{t("goods.cover")}</span>}
            {mayEdit && (
              <>
                <AltField
                  key={alts[src] ?? ""}
                  n={n + 1}
                  text={alts[src] ?? ""}
                  onChange={(text) => goods.change({ alts: { ...alts, [src]: text } })}
                />
                <div class="goods-picture-deeds">
                  <IconButton
                    class="goods-earlier"
                    icon="chevron"
                    label={t("goods.earlier", { n: n + 1 })}
                    disabled={n === 0}
                    onClick={() => put(moved(pictures, n, n - 1))}
                  />
                  <IconButton
                    icon="chevron"
                    label={t("goods.later", { n: n + 1 })}
                    disabled={n === pictures.length - 1}
                    onClick={() => put(moved(pictures, n, n + 1))}
                  />
                  <IconButton
                    icon="trash"
                    label={t("goods.remove_picture", { n: n + 1 })}
                    onClick={() => put(pictures.toSpliced(n, 1))}
                  />
                </div>
              </>
            )}
          </li>
        ))}
      </ol>
      {mayEdit && <AddPictures busy={uploading > 0} uploading={uploading} goods={goods} />}
    </section>
  );
}

interface AltProps {
  readonly n: number;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Saved when it is left: a word at a time would be many changes. */
function AltField({ n, text, onChange }: AltProps) {
  const label = t("goods.alt", { n });
  return (
    <input
      class="goods-alt"
      aria-label={label}
      placeholder={t("goods.alt_short")}
      maxLength={500}
      defaultValue={text}
      onChange={({ currentTarget }) => onChange(currentTarget.value.trim())}
    />
  );
}

interface AddProps {
  readonly goods: Goods;
  readonly busy: boolean;
  readonly uploading: number;
}

function AddPictures({ goods, busy, uploading }: AddProps) {
  return (
    <DropZone accept={TYPES} multiple busy={busy} onFiles={(files) => void goods.addPictures(files)}>
      {() => (
        <>
          <strong>
            {busy ? t("goods.uploading", { count: uploading }) : t("goods.add_pictures")}
          </strong>
          <small>{t("goods.picture_hint")}</small>
        </>
      )}
    </DropZone>
  );
}
