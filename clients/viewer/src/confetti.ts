/** Confetti on a canvas of its own, for three seconds; then both are gone. */

interface Paper {
  readonly x: number;
  readonly rise: number;
  readonly drift: number;
  readonly size: number;
  readonly spin: number;
  readonly colour: string;
}

const LIFE_MS = 2800;
const PAPERS = 90;

/** In the height of the screen a second, squared: slower than a stone, as paper falls. */
const GRAVITY = 0.62;

const COLOURS = ["#ff5a43", "#ffb45e", "#ffe08a", "#63cf9b", "#7cc4ff", "#ffffff"];

export function throwConfetti(): void {
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  canvas.className = "confetti";
  canvas.setAttribute("aria-hidden", "true");
  canvas.style.cssText = "position:fixed;inset:0;width:100%;height:100%;pointer-events:none;z-index:9";
  const [width, height] = [innerWidth, innerHeight];
  const sharp = Math.min(2, devicePixelRatio);
  canvas.width = width * sharp;
  canvas.height = height * sharp;
  // Above an open sheet, too: the last of what lies on top.
  const sheets = document.querySelectorAll("dialog[open]");
  (sheets[sheets.length - 1] ?? document.body).append(canvas);

  const papers = Array.from({ length: PAPERS }, (_, index): Paper => ({
    x: 0.5 + (Math.random() - 0.5) * 0.3,
    rise: 0.55 + Math.random() * 0.5,
    drift: (Math.random() - 0.5) * 0.7,
    size: 5 + Math.random() * 6,
    spin: (Math.random() - 0.5) * 14,
    colour: COLOURS[index % COLOURS.length] ?? "#ffffff",
  }));
  const thrown = performance.now();

  function draw(now: number): void {
    const age = (now - thrown) / 1000;
    if (age * 1000 >= LIFE_MS || document.hidden || pen === null) return canvas.remove();
    pen.setTransform(1, 0, 0, 1, 0, 0);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.globalAlpha = Math.min(1, (LIFE_MS / 1000 - age) * 2);
    for (const { x, rise, drift, size, spin, colour } of papers) {
      const across = (x + drift * age) * width;
      const down = (0.82 - rise * age + (GRAVITY * age * age) / 2) * height;
      pen.setTransform(sharp, 0, 0, sharp, across * sharp, down * sharp);
      pen.rotate(spin * age);
      pen.fillStyle = colour;
      // It turns over as it falls: its height comes and goes.
      pen.fillRect(-size / 2, -size / 4, size, (size / 2) * Math.cos(spin * age));
    }
    requestAnimationFrame(draw);
  }
  requestAnimationFrame(draw);
}
