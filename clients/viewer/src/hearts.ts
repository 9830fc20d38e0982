/** Hearts that rise on a canvas. It draws only while one is in the air. */

export interface Floating {
  /** Let one go, after `delay_ms`. */
  rise(delay_ms: number): void;
  stop(): void;
}

interface Heart {
  readonly born: number;
  readonly lean: number;
  readonly size: number;
  readonly colour: string;
}

const LIFE_MS = 2200;

/** More are only a blur, and cost a phone its battery. */
const AT_MOST = 40;

const COLOURS = ["#ff5a43", "#ff8a5c", "#ffb45e", "#ff6f7d", "#ffd9c7"];
const SHAPE = new Path2D("M0 7S-9 2-9-4.2A4.8 4.8 0 0 1 0-6.6 4.8 4.8 0 0 1 9-4.2C9 2 0 7 0 7z");

export function floatHearts(canvas: HTMLCanvasElement): Floating {
  const pen = canvas.getContext("2d");
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  let hearts: readonly Heart[] = [];
  let frame = 0;

  function draw(now: number): void {
    const { clientWidth: width, clientHeight: height } = canvas;
    const sharp = devicePixelRatio;
    canvas.width = width * sharp;
    canvas.height = height * sharp;
    hearts = hearts.filter(({ born }) => now - born < LIFE_MS);
    for (const heart of hearts) {
      const age = (now - heart.born) / LIFE_MS;
      if (age < 0 || pen === null) continue;
      const sway = Math.sin(age * 5 + heart.lean * 9) * 22;
      const scale = heart.size * Math.min(1, age * 8) * sharp;
      const x = (width * 0.62 + heart.lean * 34 + sway) * sharp;
      pen.setTransform(scale, 0, 0, scale, x, height * (1 - age) * sharp);
      pen.globalAlpha = age < 0.6 ? 1 : (1 - age) / 0.4;
      pen.fillStyle = heart.colour;
      pen.fill(SHAPE);
    }
    frame = hearts.length > 0 ? requestAnimationFrame(draw) : 0;
  }

  return {
    rise(delay_ms) {
      if (still.matches || document.hidden || hearts.length >= AT_MOST) return;
      const heart: Heart = {
        born: performance.now() + delay_ms,
        lean: Math.random() * 2 - 1,
        size: 1.1 + Math.random() * 0.7,
        colour: COLOURS[Math.floor(Math.random() * COLOURS.length)] ?? "#ff5a43",
      };
      hearts = [...hearts, heart];
      frame ||= requestAnimationFrame(draw);
    },
    stop: () => cancelAnimationFrame(frame),
  };
}
