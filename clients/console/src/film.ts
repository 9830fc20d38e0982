/** A file of the host's as a camera: played here in silence, again and again, and captured. */
import type { Film } from "./capture.ts";

/** Not in every browser's declarations, and not in Safari. */
interface Capturing extends HTMLVideoElement {
  captureStream?(): MediaStream;
  mozCaptureStream?(): MediaStream;
}

export async function film(file: File): Promise<Film> {
  const video: Capturing = document.createElement("video");
  const close = (): void => {
    video.pause();
    URL.revokeObjectURL(video.src);
    video.removeAttribute("src");
  };
  Object.assign(video, { loop: true, muted: true, playsInline: true });
  video.src = URL.createObjectURL(file);
  try {
    await video.play();
    const stream = video.captureStream?.() ?? video.mozCaptureStream?.();
    if (stream === undefined) throw new DOMException("no captureStream", "NotSupportedError");
    return { stream, close };
  } catch (error) {
    close();
    throw error;
  }
}
