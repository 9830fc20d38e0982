/** The composition root: who is signed in, what they can ask of the shop, the desk they open. */
import { enter } from "@liveshop/client";
import { publish, watch } from "@liveshop/client/video";
import { api, clockOffset, device, keptAccount, toast } from "@liveshop/ui";
import { broadcastOf, type Broadcast } from "./broadcast.ts";
import { cue } from "./cue.ts";
import { deskOf, type Desk } from "./desk.ts";
import { film } from "./film.ts";
import { shopOf } from "./shop.ts";
import { standingOf } from "./standing.ts";
import { sentence, t } from "./texts/index.ts";

export const account = keptAccount("console");

export const standing = standingOf({
  admin: () => account.current.value?.user.role === "admin",
  kept: localStorage,
});

export const shop = shopOf(
  api(() => account.current.peek()?.token, whoseShop),
  {
    signedOut() {
      if (account.current.peek() === null) return;
      signOut();
      toast(t("sign_in.expired"));
    },
    // The refusal itself is said by whoever asked.
    notPermitted: () => void readPlaces().catch(() => {}),
  },
);

/** The host for whom a member acts; in one's own shop there is nothing to say. */
function whoseShop(): Readonly<Record<string, string>> {
  const host = standing.here.peek()?.host;
  return host === undefined || host === account.current.peek()?.user.id
    ? {}
    : { "Liveshop-Shop": host };
}

export function signOut(): void {
  account.signOut();
  standing.forget();
}

/** Ask the shop what may be done, and where. */
export async function readPlaces(): Promise<void> {
  const asked = account.current.peek()?.user.id;
  const list = await shop.places();
  if (asked === account.current.peek()?.user.id) standing.learn(list);
}

/** Say a failure in passing. One that came with signing out has been said. */
export function report(error: unknown): void {
  if (account.current.peek() !== null) toast(sentence(error), "bad");
}

/** Open the desk of a show; whoever opened it calls `leave()`. */
export function openDesk(show: string): Desk {
  const token = account.current.peek()?.token ?? null;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  const room = enter({ url: `${scheme}//${location.host}/ws`, room: show, token, device: device() });
  room.on("clock", (offset) => (clockOffset.value = offset));
  // At the desk of a show one is in its shop.
  room.on("state", ({ show }) => show && standing.choose(show.host));
  room.on("message", (message) => {
    if (message.type !== "stock_low") return;
    const { title, options = [], left } = message.stock;
    toast(t("products.running_low", { title: [title, ...options].join(" · "), left }), "bad");
  });
  const desk = deskOf(show, {
    room,
    shop,
    held: standing.held,
    failed: report,
    kept: localStorage,
    ordered: cue,
  });
  const away = new AbortController();
  const wake = () => document.visibilityState === "visible" && room.wake();
  addEventListener("online", wake, away);
  document.addEventListener("visibilitychange", wake, away);
  return {
    ...desk,
    leave() {
      away.abort();
      desk.leave();
    },
  };
}

/** Open the host's way on air in a show; whoever opened it calls `leave()`. */
export function openBroadcast(show: string): Broadcast {
  // Browsers have no devices for a page that came over plain HTTP from another machine.
  const media: MediaDevices | undefined = navigator.mediaDevices;
  return broadcastOf({
    media,
    film,
    publish,
    watch,
    async where() {
      try {
        const { video } = await shop.show(show);
        const token = account.current.peek()?.token;
        if (!video?.publish || !video.rehearse || !token) return null;
        const { publish, rehearse, ice_servers: iceServers = [] } = video;
        return { token, publish, rehearse, iceServers };
      } catch (error) {
        report(error);
        return null;
      }
    },
  });
}
