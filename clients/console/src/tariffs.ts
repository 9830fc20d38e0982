/** A shop's tariff, version by version: what holds, what is coming, and the draft of the next. */
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { Tariff, TariffView } from "@liveshop/client";
import type { Deeds } from "./deeds.ts";
import { refusalOf } from "./refusal.ts";
import type { Shop } from "./shop.ts";

/** A value that the shop refused, by its path, and why. */
export interface RefusedValue {
  readonly path: string;
  readonly error: unknown;
}

export interface Tariffs {
  /** Newest first; nothing until they are here. */
  readonly versions: ReadonlySignal<readonly TariffView[] | null>;
  readonly inForce: ReadonlySignal<TariffView | undefined>;
  readonly draft: ReadonlySignal<TariffView | undefined>;
  readonly refused: ReadonlySignal<RefusedValue | null>;
  read(): Promise<boolean>;
  /** Keep it as the next version, which nobody is asked by yet. */
  keep(tariff: Tariff): Promise<boolean>;
  /** Let it hold from a moment (Unix ms), or from now on: it never changes again. */
  publish(version: string, valid_from: number | undefined): Promise<boolean>;
}

export type Asked = Pick<Shop, "tariffs" | "draftTariff" | "publishTariff">;

export function tariffsOf(shop: Asked, attempt: Deeds["attempt"]): Tariffs {
  const versions = signal<readonly TariffView[] | null>(null);
  const refused = signal<RefusedValue | null>(null);
  const read = async (): Promise<void> => {
    versions.value = (await shop.tariffs()).tariffs;
  };
  return {
    versions,
    refused,
    inForce: computed(() => versions.value?.find(({ in_force }) => in_force)),
    draft: computed(() => versions.value?.find(({ state }) => state === "draft")),
    read: () => attempt("read tariffs", read),
    async keep(tariff) {
      refused.value = null;
      const done = await attempt("keep tariff", async () => {
        try {
          await shop.draftTariff(tariff);
          await read();
        } catch (error) {
          const path = refusalOf(error)?.path;
          if (path === undefined) throw error;
          refused.value = { path, error };
        }
      });
      return done && refused.value === null;
    },
    publish: (version, valid_from) =>
      attempt("publish tariff", async () => {
        await shop.publishTariff(version, valid_from === undefined ? {} : { valid_from });
        await read();
      }),
  };
}
