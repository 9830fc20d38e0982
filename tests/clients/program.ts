/** What a shop might write against the package: it watches, is refused, says a line and buys. */

import { empty, enter, over, Refusal, type Room, RoomError, type RoomState } from "@liveshop/client";
import type { Cart, LiveRoom } from "@liveshop/client/element";
import { questions } from "@liveshop/client/embed";
import { type Chapter, chapters } from "@liveshop/client/replay";
import { firstChoice } from "@liveshop/client/video";

const [url = "", room = "", offer = ""] = process.argv.slice(2);

const until = (entered: Room, reached: (state: RoomState) => boolean): Promise<RoomState> =>
  new Promise((resolve) => {
    const stop = entered.on("state", (state) => {
      if (!reached(state)) return;
      stop();
      resolve(state);
    });
  });

const nobody = enter({ url, room });
const ann = enter({ url, room, token: "ann", connect: over(WebSocket) });
await Promise.all([nobody, ann].map((entered) => until(entered, ({ you }) => you !== null)));

const heard = until(nobody, ({ chat }) => chat.some(({ text }) => text === "hello from Node"));
await ann.say("hello from Node");
const said = (await heard).chat.at(-1);

const refusal = await nobody.say("hello").catch((why: unknown) => why);
const bought = await ann.reserve(offer);
const late = await nobody.reserve(offer).catch((why: unknown) => why);

// The schema's types are the consumer's: each of these lines is an error when they are not.
// @ts-expect-error: a room has no such state
const nothing: undefined = empty.bananas;
// @ts-expect-error: amounts are numbers
const wrong: string | undefined = ann.state.offers[0]?.price_minor;
// @ts-expect-error: a cart says what the shop sells
const cart: Cart = { add: () => {} };
type Event = Parameters<LiveRoom["sync"]>[0][number];
const line: Event = { sku: "TEA", quantity: 1 };
questions().settle({ type: "answer", to: 1, value: [cart, line] });
const found: Chapter[] = chapters({ parts: [], moments: [] });

console.log(
  JSON.stringify({
    said: said?.text,
    by: said?.from.name,
    refused: refusal instanceof RoomError && refusal.code,
    bought: bought.quantity,
    late: late instanceof Refusal && late.reason,
    way: firstChoice({ hls: "/hls/tea-time" }, 0).way,
    chapters: found.length,
    nothing,
    wrong: typeof wrong,
  }),
);
nobody.leave();
ann.leave();
