/**
 * The liveshop SDK: one room, kept joined. No dependency, no DOM.
 *
 *     const room = enter({ url: "wss://shop.example/ws", room: "tea-time", token });
 *     room.on("state", (state) => console.log(state.viewers, state.pinned));
 *     await room.reserve(offer.id);
 *
 * Beside it, for who needs them: `@liveshop/client/video` (WHIP and WHEP) and
 * `@liveshop/client/replay` (a show that is over).
 */

export type { Attempt, Attempts } from "./attempts.ts";
export { isFor, mentionsIn, type Piece, pieces, quoteOf, withQuotes } from "./chat.ts";
export { enter, type Room, type RoomEvents, type RoomOptions, type Saying } from "./client.ts";
export { Refusal, RoomError } from "./errors.ts";
export { uniqueId } from "./ids.ts";
export type { Lines } from "./waitlist.ts";
export type { Queueing, Queues } from "./queue.ts";
export type * from "./messages.ts";
export { type Position, step, type Step } from "./recovery.ts";
export type { Phase } from "./session.ts";
export { applied, type Change, empty, type RoomState } from "./state.ts";
export { type Connect, type Listener, over, type Transport, webSocket } from "./transport.ts";
