/**
 * Paying for what was won: which orders together, to where, how sent, through whom. The till asks
 * the shop what that costs and pays exactly that; it never adds up anything itself.
 */

import type {
  Address,
  AddressList,
  AddressView,
  Delivery,
  GatewayList,
  OrderView,
  PaymentStarted,
  Quote,
} from "@liveshop/client";
import { type Api, ApiError } from "@liveshop/ui/api";
import { batch, type ReadonlySignal, signal } from "@preact/signals";

/** What is on the counter besides the orders: read once, when the till opens. */
export interface Counter {
  readonly delivery: Delivery;
  readonly addresses: readonly AddressView[];
  /** Who takes money, the shop's own choice first. */
  readonly gateways: readonly string[];
}

export interface Till {
  /** What could be paid now; `chosen` is what will be. */
  readonly orders: readonly OrderView[];
  readonly chosen: ReadonlySignal<ReadonlySet<string>>;
  readonly delivery: Delivery;
  readonly gateways: readonly string[];
  readonly gateway: ReadonlySignal<string | null>;
  readonly addresses: ReadonlySignal<readonly AddressView[]>;
  readonly address: ReadonlySignal<string | null>;
  /** The price of what is chosen; `null` while it is being asked for, or cannot be had. */
  readonly quote: ReadonlySignal<Quote | null>;
  /** Why there is no price, or why it was not taken. */
  readonly trouble: ReadonlySignal<ApiError | null>;
  readonly paying: ReadonlySignal<boolean>;
  /** The code that the price is asked with. */
  readonly coupon: ReadonlySignal<string | null>;
  /** Why the last code did not hold; then the price is without it. */
  readonly couponTrouble: ReadonlySignal<ApiError | null>;
  useCoupon(code: string | null): void;
  choose(order: string, wanted: boolean): void;
  deliverTo(address: string): void;
  sendBy(option: string): void;
  payThrough(gateway: string): void;
  /** Keep an address and deliver there; rejected with what is wrong with it. */
  keep(address: Address): Promise<void>;
  /** Write an address over one of the book, and deliver there; rejected as `keep`. */
  change(address: string, typed: Address): Promise<void>;
  forget(address: string): Promise<void>;
  /** Where to go to pay; `null` when the shop asks something else by now, which is then shown. */
  pay(): Promise<string | null>;
}

export async function counterOf(shop: Api, show: string): Promise<Counter> {
  const [delivery, { gateways }] = await Promise.all([
    shop.get<Delivery>(`/api/shows/${encodeURIComponent(show)}/delivery`),
    shop.get<GatewayList>("/api/payments/gateways"),
  ]);
  const { addresses } = delivery.asks_address
    ? await shop.get<AddressList>("/api/addresses")
    : { addresses: [] };
  return { delivery, gateways, addresses };
}

/** Whether there is nothing to ask: one order, nothing to deliver, one way to pay, no coupon. */
export function needsNoTill(
  orders: readonly OrderView[],
  { delivery, gateways }: Counter,
  coupon: string | null = null,
): boolean {
  return coupon === null && orders.length === 1 && !delivery.asks_address && gateways.length === 1;
}

export function tillOf(
  shop: Api,
  orders: readonly OrderView[],
  counter: Counter,
  claimed: string | null = null,
  refused: (code: string) => void = () => {},
): Till {
  const { delivery, gateways } = counter;
  const chosen = signal<ReadonlySet<string>>(new Set(orders.map(({ id }) => id)));
  const addresses = signal(counter.addresses);
  const address = signal(deliverable(counter)?.id ?? null);
  const option = signal<string | null>(null);
  const gateway = signal(gateways[0] ?? null);
  const quote = signal<Quote | null>(null);
  const trouble = signal<ApiError | null>(null);
  const paying = signal(false);
  const coupon = signal(claimed);
  const couponTrouble = signal<ApiError | null>(null);
  /** Answers to questions that were changed meanwhile are not listened to. */
  let asked = 0;

  function wanted(): object {
    return {
      orders: [...chosen.value],
      ...(delivery.asks_address && { address: address.value }),
      ...(option.value !== null && { option: option.value }),
      ...(coupon.value !== null && { coupon: coupon.value }),
    };
  }

  async function ask(): Promise<void> {
    const question = ++asked;
    const unanswerable = chosen.value.size === 0 || (delivery.asks_address && !address.value);
    if (unanswerable) return void (quote.value = null);
    try {
      const answer = await shop.post<Quote>("/api/checkout/quote", wanted());
      if (question === asked) quote.value = answer;
    } catch (why) {
      if (!(why instanceof ApiError)) throw why;
      if (question !== asked) return;
      if (refusesCoupon(why)) return withoutCoupon(why);
      batch(() => {
        quote.value = null;
        trouble.value = why;
      });
    }
  }

  /** What a code does not do must not keep anyone from paying. */
  function withoutCoupon(why: ApiError): Promise<void> {
    refused(coupon.value ?? "");
    batch(() => {
      coupon.value = null;
      couponTrouble.value = why;
    });
    return ask();
  }

  function change(what: () => void): void {
    batch(() => {
      what();
      trouble.value = null;
    });
    void ask();
  }

  void ask();
  return {
    orders,
    chosen,
    delivery,
    gateways,
    gateway,
    addresses,
    address,
    quote,
    trouble,
    paying,
    coupon,
    couponTrouble,
    useCoupon: (code) =>
      change(() => {
        coupon.value = code;
        couponTrouble.value = null;
      }),
    choose: (order, isWanted) =>
      change(() => {
        const others = [...chosen.value].filter((id) => id !== order);
        chosen.value = new Set(isWanted ? [...others, order] : others);
      }),
    deliverTo: (id) =>
      change(() => {
        address.value = id;
        // Another place may have other options.
        option.value = null;
      }),
    sendBy: (id) => change(() => (option.value = id)),
    payThrough: (name) => void (gateway.value = name),
    async keep(typed) {
      const kept = await shop.post<AddressView>("/api/addresses", typed);
      change(() => {
        addresses.value = [kept, ...addresses.value.filter(({ id }) => id !== kept.id)];
        address.value = kept.id;
        option.value = null;
      });
    },
    async change(id, typed) {
      const path = `/api/addresses/${encodeURIComponent(id)}`;
      const kept = await shop.patch<AddressView>(path, typed);
      // Typed as another of the book, it is that one now: read again what there is.
      const book = await shop.get<AddressList>("/api/addresses");
      change(() => {
        addresses.value = book.addresses;
        address.value = kept.id;
        option.value = null;
      });
    },
    async forget(id) {
      await shop.delete(`/api/addresses/${encodeURIComponent(id)}`);
      change(() => {
        addresses.value = addresses.value.filter((each) => each.id !== id);
        if (address.value === id) address.value = addresses.value[0]?.id ?? null;
      });
    },
    async pay() {
      const agreed = quote.value;
      if (agreed === null || paying.value) return null;
      paying.value = true;
      try {
        const started = await shop.post<PaymentStarted>("/api/checkout", {
          ...wanted(),
          ...(agreed.option !== undefined && { option: agreed.option }),
          quote: agreed.id,
          amount_minor: agreed.total_minor,
          gateway: gateway.value,
        });
        return started.redirect_url;
      } catch (why) {
        if (!(why instanceof ApiError)) throw why;
        if (refusesCoupon(why)) {
          await withoutCoupon(why);
          return null;
        }
        trouble.value = why;
        if (why.code === "quote_changed" || why.code === "amount_mismatch") await ask();
        return null;
      } finally {
        paying.value = false;
      }
    },
  };
}

function refusesCoupon({ code }: ApiError): boolean {
  return code === "unknown_coupon" || code.startsWith("coupon_");
}

/** The address that was used last and lies where the shop delivers, or the one used last. */
function deliverable({ addresses, delivery }: Counter): AddressView | undefined {
  const there = addresses.find(({ address }) => delivery.countries?.includes(address.country));
  return there ?? addresses[0];
}
