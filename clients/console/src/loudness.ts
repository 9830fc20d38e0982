/** How loud a stream is: for the host to see that the microphone hears them. */

/** Quieter is silence: a room at night. */
const SILENT_DB = -60;

/** From 0 for silence to 1 for the loudest that can be sent. */
export function loudnessOf(samples: Float32Array): number {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  if (peak === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(peak)) / SILENT_DB));
}

/** Tell how loud `stream` is with every picture of the page, until what is returned is called. */
export function listenTo(stream: MediaStream, tell: (loudness: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const samples = new Float32Array(analyser.fftSize);
  context.createMediaStreamSource(stream).connect(analyser);
  let frame = requestAnimationFrame(look);
  function look(): void {
    analyser.getFloatTimeDomainData(samples);
    tell(loudnessOf(samples));
    frame = requestAnimationFrame(look);
  }
  return () => {
    cancelAnimationFrame(frame);
    void context.close();
  };
}
