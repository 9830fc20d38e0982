/**
 * Where someone stands: the shops they may do something in, the one they are in, and what they may
 * do there.
 *
 * Views ask this one place before they show a deed: what somebody may not do is not shown to them.
 * The shop decides all the same; when it refuses, `refused` reads again what holds now.
 */
import { computed, signal, type ReadonlySignal } from "@preact/signals";
import type { PlaceList, ShopPlace } from "@liveshop/client";
import type { Route } from "./route.ts";

export type Permission = ShopPlace["permissions"][number];

/** In the order in which the shop lists them. */
export const PERMISSIONS: readonly Permission[] = [
  "run_show",
  "moderate",
  "sell",
  "catalogue",
  "orders",
  "numbers",
  "team",
];

/** What a page is for: any of these. Those that are not named are for everyone with a place. */
const OPENED_WITH: Partial<Record<Route["at"], readonly Permission[]>> = {
  products: ["catalogue", "sell"],
  tariffs: ["catalogue"],
  product: ["catalogue", "sell"],
  new_product: ["catalogue"],
  team: ["team"],
  audit: ["team"],
};

export interface Standing {
  /** Nothing until the shop has said it. */
  readonly places: ReadonlySignal<readonly ShopPlace[] | null>;
  /** Whose shop the pages are about; nothing for who has no place anywhere. */
  readonly here: ReadonlySignal<ShopPlace | null>;
  /** What may be done in the shop that one is in: any of these? */
  may(...anyOf: readonly Permission[]): boolean;
  /** Whether a page is for who is signed in. */
  opens(page: Route["at"]): boolean;
  /** What may be done in the shop of `host`, such as in a show of theirs. */
  held(host: string): readonly Permission[];
  /** Go into the shop of `host`, and come back to it next time; where one has no place, stay. */
  choose(host: string): void;
  learn(list: PlaceList): void;
  forget(): void;
}

export interface Circumstances {
  /** Whether an admin is signed in, who may do everything everywhere. */
  readonly admin: () => boolean;
  readonly kept: Pick<Storage, "getItem" | "setItem">;
}

const KEPT_AS = "liveshop.console.shop";

export function standingOf({ admin, kept }: Circumstances): Standing {
  const places = signal<readonly ShopPlace[] | null>(null);
  const wanted = signal(kept.getItem(KEPT_AS));
  const here = computed(() => chosen(places.value ?? [], wanted.value));
  const may = (...anyOf: readonly Permission[]) =>
    anyOf.some((each) => here.value?.permissions.includes(each) === true);
  return {
    places,
    here,
    may,
    opens(page) {
      const needed = OPENED_WITH[page];
      return needed === undefined || may(...needed);
    },
    held: (host) =>
      admin()
        ? PERMISSIONS
        : (places.value?.find((place) => place.host === host)?.permissions ?? []),
    choose(host) {
      if (host === wanted.value || !places.value?.some((place) => place.host === host)) return;
      wanted.value = host;
      kept.setItem(KEPT_AS, host);
    },
    learn(list) {
      // Told again what is known already, nothing on the page has to move.
      if (JSON.stringify(list.places) !== JSON.stringify(places.value)) places.value = list.places;
    },
    forget() {
      places.value = null;
    },
  };
}

/** The codes with which the shop says that somebody may not. */
const NOT_PERMITTED: ReadonlySet<unknown> = new Set(["not_permitted", "not_yours", "forbidden"]);

/** Whether a failure says that a place is not, or no longer, what the page took it for. */
export function isNotPermitted(error: unknown): boolean {
  return error instanceof Error && "code" in error && NOT_PERMITTED.has(error.code);
}

/** The place that is wanted if it is still there, else the first: one's own shop, if there is one. */
export function chosen(places: readonly ShopPlace[], wanted: string | null): ShopPlace | null {
  return places.find(({ host }) => host === wanted) ?? places[0] ?? null;
}

/** The place that somebody has now and did not have so before: where an invitation led. */
export function gained(
  before: readonly ShopPlace[],
  after: readonly ShopPlace[],
): ShopPlace | undefined {
  return after.find(({ host, permissions }) => {
    const known = before.find((place) => place.host === host);
    return known === undefined || known.permissions.length < permissions.length;
  });
}
