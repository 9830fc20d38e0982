/** A short sound for a new order. Off until the host wants it: a browser plays none unasked. */
import { signal, type ReadonlySignal } from "@preact/signals";

const PLACE = "liveshop.order-cue";

const on = signal(localStorage.getItem(PLACE) === "on");
export const cueOn: ReadonlySignal<boolean> = on;

let sound: AudioContext | undefined;

/** Switch it; from the press of a button, which is what browsers ask for. */
export function switchCue(): void {
  on.value = !on.value;
  localStorage.setItem(PLACE, on.value ? "on" : "off");
  if (on.value) cue();
}

/** Two soft notes, a fifth apart, a third of a second in all. */
export function cue(): void {
  if (!on.value) return;
  sound ??= new AudioContext();
  const begin = sound.currentTime;
  for (const [after, hertz] of [
    [0, 660],
    [0.12, 990],
  ] as const) {
    const tone = new OscillatorNode(sound, { frequency: hertz });
    const loud = new GainNode(sound, { gain: 0 });
    loud.gain.setTargetAtTime(0.12, begin + after, 0.01);
    loud.gain.setTargetAtTime(0, begin + after + 0.08, 0.05);
    tone.connect(loud).connect(sound.destination);
    tone.start(begin + after);
    tone.stop(begin + after + 0.35);
  }
}
