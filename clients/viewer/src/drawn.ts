/**
 * Which emoji this system draws. A system that is older than an emoji shows a box in its place, and
 * nobody wants to send one.
 */

/** Small enough to look at a hundred of them at once: 10 ms on a slow phone. */
const SIZE_PX = 12;

/** A colour that no emoji is made of alone: what shows nothing else is drawn with the pen, as letters are. */
const INK = "#f00";

/** As old as emoji in colour are. */
const KNOWN = "😀";

/** Those of `emojis` that are pictures here; all of them on a system that has no colours for any. */
export function drawn(emojis: readonly string[]): readonly string[] {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = SIZE_PX;
  // Pixels are read after each: in the memory of a graphics card that would be slow.
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) return emojis;
  pen.font = `${SIZE_PX}px "Apple Color Emoji", "Segoe UI Emoji", "Noto Color Emoji", sans-serif`;
  pen.textBaseline = "middle";
  pen.fillStyle = INK;

  function isPicture(emoji: string): boolean {
    pen?.clearRect(0, 0, SIZE_PX, SIZE_PX);
    pen?.fillText(emoji, 0, SIZE_PX / 2);
    const pixels = pen?.getImageData(0, 0, SIZE_PX, SIZE_PX).data ?? [];
    // Of red, green, blue and opacity, green and blue are none of the ink's.
    return pixels.some((value, index) => value > 0 && (index % 4 === 1 || index % 4 === 2));
  }

  return isPicture(KNOWN) ? emojis.filter(isPicture) : emojis;
}
