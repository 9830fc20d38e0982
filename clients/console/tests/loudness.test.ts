import { expect, test } from "vitest";
import { loudnessOf } from "../src/loudness.ts";

test.each([
  [[0, 0], 0],
  [[0, 0.0005], 0],
  [[0.1, -0.03], 2 / 3],
  [[0.2, -1], 1],
])("samples %j are as loud as %f", (samples, loudness) => {
  expect(loudnessOf(Float32Array.from(samples))).toBeCloseTo(loudness, 3);
});
