/**
 * The liveshop SDK: one room, kept joined. No dependency, no DOM.
 *
 *     const room = enter({ url: "wss://shop.example/ws", room: "tea-time", token });
 *     room.on("state", (state) => console.log(state.viewers, state.pinned));
 *     await room.reserve(offer.id);
 */

export type { Attempt, Attempts } from "./attempts.ts";
export { CallRefused } from "./call.ts";
export { enter, type Room, type RoomEvents, type RoomOptions } from "./client.ts";
export { type Cue, cued, type Cues, settled, shown } from "./cues.ts";
export { Refusal, RoomError } from "./errors.ts";
export { type Health, type Quality, qualityOf } from "./health.ts";
export { uniqueId } from "./ids.ts";
export type { Lines } from "./waitlist.ts";
export type { Queueing, Queues } from "./queue.ts";
export type * from "./messages.ts";
export {
  type Chapter,
  chapters,
  length,
  picturedAt,
  type Place,
  place,
  placeOf,
  roomAt,
  watched,
} from "./replay.ts";
export type { Phase } from "./session.ts";
export { empty, type RoomState } from "./state.ts";
export type { Connect, Listener, Transport } from "./transport.ts";
export { watch, type Watching, type WatchOptions, type WatchPhase } from "./whep.ts";
export { publish, type Publishing, type PublishOptions, type PublishPhase } from "./whip.ts";
export {
  type Choice,
  firstChoice,
  type Happening,
  nextChoice,
  SILENT_MS,
  type Way,
  type Ways,
} from "./ways.ts";
