/**
 * What a host can ask of the shop, as typed calls. Whoever calls gets the answer or an `ApiError`;
 * an answer that says "this sign-in is no good" signs out as well,
 * and one that says "you may not" has it looked up again what one may.
 */
import {
  type Adjusted,
  type Adjustment,
  type AuditList,
  type BagOrder,
  type CouponList,
  type CouponView,
  type ImportReport,
  type Invited,
  type Ledger,
  type MinuteList,
  type Moderation,
  type ModerationEntry,
  type ModerationLog,
  type NewChatSettings,
  type NewCoupon,
  type NewInvitation,
  type MovementList,
  type NewNote,
  type NewOffer,
  type NewProduct,
  type NewRefund,
  type NewShow,
  type NewVariant,
  type NoteList,
  type OfferView,
  type OpenOffer,
  type OrderList,
  type OrderView,
  type Parcel,
  type Pin,
  type PlaceList,
  type PictureView,
  type PriceHistory,
  type ProductChange,
  type ProductList,
  type ProductView,
  type Publication,
  type Registration,
  type Sending,
  type ShipmentView,
  type ShowChanges,
  type ShowDetail,
  type ShownCoupon,
  type ShowList,
  type ShowSummary,
  type ShowView,
  type SignedIn,
  type Tally,
  type Tariff,
  type TariffList,
  type TariffView,
  type Team,
  type VariantChange,
  type WrittenNote,
} from "@liveshop/client";
import { ApiError, type Api } from "@liveshop/ui";
import type { Sieve } from "./audit.ts";
import { once } from "./once.ts";
import { isNotPermitted, type Permission } from "./standing.ts";

/** Ten mebibytes over a slow uplink, and the server's work on them. */
const IMPORT_WITHIN_MS = 120_000;

/** As many as one looks through without a second request. */
const MOVEMENTS = 20;

export type Shop = ReturnType<typeof shopOf>;

export interface Refusals {
  readonly signedOut: () => void;
  readonly notPermitted: () => void;
}

export function shopOf(api: Api, { signedOut, notPermitted }: Refusals) {
  const watched = async <Answer>(answer: Promise<Answer>): Promise<Answer> => {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof ApiError && INVALID_SIGN_IN.has(error.code)) signedOut();
      if (isNotPermitted(error)) notPermitted();
      throw error;
    }
  };
  const get = <Answer>(path: string) => watched(api.get<Answer>(path));
  const post = <Answer>(path: string, body?: object) => watched(api.post<Answer>(path, body));
  const deed = once();
  const create = <Answer>(path: string, body: object) =>
    deed(`${path} ${JSON.stringify(body)}`, (idempotencyKey) =>
      watched(api.post<Answer>(path, body, { idempotencyKey })),
    );

  return {
    signIn: (email: string, password: string) =>
      api.post<SignedIn>("/api/auth/login", { email, password }),
    signUp: (who: Registration) => api.post<SignedIn>("/api/auth/register", who),

    places: () => get<PlaceList>("/api/places"),
    join: (code: string) => post<PlaceList>("/api/places", { code }),
    leaveTeam: (host: string) => watched(api.delete<PlaceList>(at`/api/places/${host}`)),
    team: () => get<Team>("/api/team"),
    invite: (whom: NewInvitation) => post<Invited>("/api/team/invitations", whom),
    withdraw: (invitation: string) =>
      watched(api.delete<Team>(at`/api/team/invitations/${invitation}`)),
    changeMember: (member: string, permissions: Permission[]) =>
      watched(api.patch<Team>(at`/api/team/members/${member}`, { permissions })),
    removeMember: (member: string) => watched(api.delete<Team>(at`/api/team/members/${member}`)),
    audit: ({ before, ...sieve }: Sieve & { readonly before?: number }) =>
      get<AuditList>(query("/api/audit", { ...sieve, before: before?.toString() })),

    shows: () => get<ShowList>("/api/shows?limit=100"),
    createShow: (show: NewShow) => create<ShowView>("/api/shows", show),
    changeShow: (show: string, changes: ShowChanges) =>
      watched(api.patch<ShowView>(at`/api/shows/${show}`, changes)),
    show: (show: string) => get<ShowDetail>(at`/api/shows/${show}`),
    rehearse: (show: string) => post<ShowView>(at`/api/shows/${show}/rehearsal`),
    startShow: (show: string) => post<ShowView>(at`/api/shows/${show}/start`),
    endShow: (show: string) => post<ShowView>(at`/api/shows/${show}/end`),

    addOffer: (show: string, offer: NewOffer) =>
      create<OfferView>(at`/api/shows/${show}/offers`, offer),
    openOffer: (offer: string, how: OpenOffer) =>
      post<OfferView>(at`/api/offers/${offer}/open`, how),
    closeOffer: (offer: string) => post<OfferView>(at`/api/offers/${offer}/close`),
    pin: (offer: string) => post<Pin>(at`/api/offers/${offer}/pin`),
    unpin: (offer: string) => post<Pin>(at`/api/offers/${offer}/unpin`),
    ledger: (offer: string) => get<Ledger>(at`/api/offers/${offer}/ledger`),

    extendOffer: (offer: string, by_s: number) =>
      create<OfferView>(at`/api/offers/${offer}/extend`, { by_s }),

    moveOffer: (show: string, offer: string, before: string | null) =>
      post<BagOrder>(at`/api/shows/${show}/order`, before === null ? { offer } : { offer, before }),
    notes: (show: string) => get<NoteList>(at`/api/shows/${show}/notes`),
    writeNote: (show: string, note: NewNote) =>
      watched(api.put<WrittenNote>(at`/api/shows/${show}/notes`, note)),
    minutes: (show: string, since: number) =>
      get<MinuteList>(query(at`/api/shows/${show}/minutes`, { since: since.toString() })),
    summary: (show: string) => get<ShowSummary>(at`/api/shows/${show}/summary`),
    summaryTable: (show: string) => watched(api.file(at`/api/shows/${show}/summary.csv`)),
    minutesTable: (show: string) => watched(api.file(at`/api/shows/${show}/minutes.csv`)),

    moderation: (show: string) => get<Moderation>(at`/api/shows/${show}/moderation`),
    changeChat: (show: string, settings: NewChatSettings) =>
      watched(api.patch<Moderation>(at`/api/shows/${show}/moderation`, settings)),
    moderate: (show: string, action: ModeratorsAction, what: object = {}) =>
      create<ModerationEntry>(at`/api/shows/${show}/moderation/${action}`, what),
    appoint: (show: string, user: string) =>
      create<ModerationEntry>(at`/api/shows/${show}/moderators`, { user }),
    dismiss: (show: string, user: string) =>
      watched(api.delete<ModerationEntry>(at`/api/shows/${show}/moderators/${user}`)),
    moderationLog: (show: string, before?: number) =>
      get<ModerationLog>(
        query(at`/api/shows/${show}/moderation/audit`, { before: before?.toString() }),
      ),

    coupons: (show: string) => get<CouponList>(query("/api/coupons", { show })),
    giveCoupon: (coupon: NewCoupon) => create<CouponView>("/api/coupons", coupon),
    endCoupon: (coupon: string) => post<CouponView>(at`/api/coupons/${coupon}/end`),
    showCoupon: (show: string, coupon: string | null) =>
      post<ShownCoupon>(at`/api/shows/${show}/coupon`, coupon === null ? {} : { coupon }),

    tally: (show: string) => get<Tally>(at`/api/shows/${show}/tally`),
    orders: (show: string, after?: string) => get<OrderList>(query("/api/orders", { show, after })),
    declineRefund: (order: string, answer: string) =>
      post<OrderView>(at`/api/orders/${order}/refund-request/decline`, { answer }),
    refund: (order: string, what: NewRefund = {}) =>
      create<OrderView>(at`/api/orders/${order}/refund`, what),
    order: (order: string) => get<OrderView>(at`/api/orders/${order}`),

    parcel: (shipment: string) => get<Parcel>(at`/api/shipments/${shipment}`),
    pack: (shipment: string) => create<ShipmentView>(at`/api/shipments/${shipment}/pack`, {}),
    ship: (shipment: string, how: Sending) =>
      create<ShipmentView>(at`/api/shipments/${shipment}/ship`, how),
    deliver: (shipment: string) => create<ShipmentView>(at`/api/shipments/${shipment}/deliver`, {}),
    packList: (show: string) => watched(api.file(at`/api/shows/${show}/pack-list.csv`)),

    tariffs: () => get<TariffList>("/api/tariffs"),
    draftTariff: (tariff: Tariff) => post<TariffView>("/api/tariffs", tariff),
    publishTariff: (tariff: string, when: Publication) =>
      post<TariffView>(at`/api/tariffs/${tariff}/publish`, when),

    products: (search: string, after?: string) =>
      get<ProductList>(query("/api/products", { search: search || undefined, after })),
    product: (product: string) => get<ProductView>(at`/api/products/${product}`),
    createProduct: (product: NewProduct) => create<ProductView>("/api/products", product),
    changeProduct: (product: string, change: ProductChange) =>
      watched(api.patch<ProductView>(at`/api/products/${product}`, change)),
    addVariant: (product: string, variant: NewVariant) =>
      create<ProductView>(at`/api/products/${product}/variants`, variant),
    changeVariant: (variant: string, change: VariantChange) =>
      watched(api.patch<ProductView>(at`/api/variants/${variant}`, change)),
    adjust: (variant: string, adjustment: Adjustment) =>
      create<Adjusted>(at`/api/variants/${variant}/adjustments`, adjustment),
    movements: (variant: string, before?: number) =>
      get<MovementList>(
        query(at`/api/variants/${variant}/movements`, {
          before: before?.toString(),
          limit: MOVEMENTS.toString(),
        }),
      ),
    prices: (variant: string) => get<PriceHistory>(at`/api/variants/${variant}/prices`),
    uploadPicture: (file: Blob) =>
      watched(
        api.post<PictureView>("/api/pictures", file, {
          contentType: file.type,
          within_ms: IMPORT_WITHIN_MS,
        }),
      ),
    /** A report is an answer, also when it says that nothing was written. */
    async importProducts(file: Blob, skipRefused: boolean): Promise<ImportReport> {
      const path = query("/api/products/import", {
        skip_refused: skipRefused ? "true" : undefined,
      });
      const how = { contentType: "text/csv", within_ms: IMPORT_WITHIN_MS };
      try {
        return await watched(api.post<ImportReport>(path, file, how));
      } catch (error) {
        if (error instanceof ApiError && isReport(error.body)) return error.body;
        throw error;
      }
    },
  };
}

/** What a moderator does, as the last part of its address. */
export type ModeratorsAction =
  | "mute"
  | "unmute"
  | "ban"
  | "unban"
  | "remove-line"
  | "pin-comment"
  | "unpin-comment"
  | "say";

const INVALID_SIGN_IN: ReadonlySet<string> = new Set([
  "bad_token",
  "expired_token",
  "unauthorised",
]);

/** A path with its parts escaped. */
function at(texts: TemplateStringsArray, ...parts: readonly string[]): string {
  return String.raw({ raw: texts }, ...parts.map(encodeURIComponent));
}

function query(path: string, values: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(values).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

function isReport(body: unknown): body is ImportReport {
  return typeof body === "object" && body !== null && "created" in body && "refused" in body;
}
