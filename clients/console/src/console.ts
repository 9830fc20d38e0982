/** The composition root: who is signed in, what they can ask of the shop, the desk they open. */
import { enter } from "@liveshop/client";
import { publish, watch } from "@liveshop/client/video";
import { api, clockOffset, device, keptAccount, toast } from "@liveshop/ui";
import { broadcastOf, type Broadcast } from "./broadcast.ts";
import { cue } from "./cue.ts";
import { deskOf, type Desk } from "./desk.ts";
import { film } from "./film.ts";
import { shopOf } from "./shop.ts";
import { sentence, t } from "./texts/index.ts";

export const account = keptAccount("console");

export const shop = shopOf(
  api(() => account.current.peek()?.token),
  () => {
    if (account.current.peek() === null) return;
    account.signOut();
    toast(t("sign_in.expired"));
  },
);

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
  room.on("message", (message) => {
    if (message.type !== "stock_low") return;
    const { title, options = [], left } = message.stock;
    toast(t("products.running_low", { title: [title, ...options].join(" · "), left }), "bad");
  });
  const desk = deskOf(show, { room, shop, failed: report, kept: localStorage, ordered: cue });
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
