/** Who did what in a shop: read from the newest on, page after page, all of it or a part. */
import { signal, type ReadonlySignal } from "@preact/signals";
import type { AuditEntry, AuditList } from "@liveshop/client";
import { deeds, type Deeds } from "./deeds.ts";
import type { Shop } from "./shop.ts";

/** Which entries; each may be left open. */
export interface Sieve {
  readonly area?: AuditEntry["area"];
  readonly actor?: string;
}

export interface Audit {
  readonly sieve: ReadonlySignal<Sieve>;
  /** Nothing until the first page is here. */
  readonly list: ReadonlySignal<AuditList | null>;
  /** Everyone who was seen to have done something, by id. */
  readonly actors: ReadonlySignal<ReadonlyMap<string, string>>;
  readonly doing: Deeds["doing"];
  look(sieve?: Sieve): Promise<boolean>;
  earlier(): Promise<boolean>;
}

export function auditOf(shop: Pick<Shop, "audit">, failed: (error: unknown) => void): Audit {
  const sieve = signal<Sieve>({});
  const list = signal<AuditList | null>(null);
  const actors = signal<ReadonlyMap<string, string>>(new Map());
  const { doing, attempt } = deeds(failed);

  /** Read a page, and drop it if something else was asked for meanwhile. */
  async function read(known: readonly AuditEntry[], before?: number): Promise<void> {
    const asked = sieve.value;
    const page = await shop.audit({ ...asked, ...(before !== undefined && { before }) });
    if (asked !== sieve.value) return;
    list.value = { ...page, entries: [...known, ...page.entries] };
    actors.value = withActors(actors.value, page.entries);
  }

  return {
    sieve,
    list,
    actors,
    doing,
    look(wanted = sieve.value) {
      sieve.value = { ...wanted };
      return attempt(`look ${JSON.stringify(wanted)}`, () => read([]));
    },
    earlier: () =>
      attempt("earlier", async () => {
        const known = list.value;
        if (known?.next !== undefined) await read(known.entries, known.next);
      }),
  };
}

/** Those who are known and those of the entries; a name is as it was last. */
export function withActors(
  known: ReadonlyMap<string, string>,
  entries: readonly AuditEntry[],
): ReadonlyMap<string, string> {
  const seen = new Map(known);
  for (const { actor, actor_name } of entries) if (!seen.has(actor)) seen.set(actor, actor_name);
  return seen;
}
