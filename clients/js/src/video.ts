/**
 * The video of a room, for browsers: publish by WHIP, watch by WHEP, choose between ways, and show
 * a card when the picture gets to it.
 *
 *     const watching = watch({ url, onStream: (stream) => (video.srcObject = stream) });
 */

export { CallRefused } from "./call.ts";
export { type Cue, cued, type Cues, settled, shown } from "./cues.ts";
export { type Health, type Quality, qualityOf } from "./health.ts";
export {
  type Choice,
  firstChoice,
  type Happening,
  nextChoice,
  SILENT_MS,
  type Way,
  type Ways,
} from "./ways.ts";
export { watch, type Watching, type WatchOptions, type WatchPhase } from "./whep.ts";
export { publish, type Publishing, type PublishOptions, type PublishPhase } from "./whip.ts";
